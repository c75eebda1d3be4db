"""The page's words in both languages; names of promises, risks and places are those of the notices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from heed.announcing import en, zh
from heed.model import Metric, Status
from heed.page.shown import ANONYMOUS, BY_LINK, Promise, Shown, Standing


class Words(Protocol):
    """One language's words. `facts` yields a name and what it says, a line each."""

    acknowledge: str
    open: str
    name: str
    gone: str
    failed: str
    refused: str

    def status(self, shown: Shown) -> str: ...

    def headline(self, shown: Shown) -> str: ...

    def promised(self, promise: Promise) -> str: ...

    def done(self, shown: Shown) -> str: ...

    def facts(self, shown: Shown) -> Iterator[tuple[str, str]]: ...

    def footer(self, shown: Shown) -> str: ...


_EN_STATUSES = {
    Status.OPEN: "open",
    Status.PENDING_CUSTOMER: "waiting for the customer",
    Status.ON_HOLD: "on hold",
    Status.RESOLVED: "resolved",
}
_ZH_STATUSES = {
    Status.OPEN: "待处理",
    Status.PENDING_CUSTOMER: "等待客户",
    Status.ON_HOLD: "暂缓",
    Status.RESOLVED: "已解决",
}


class English:
    acknowledge = "Acknowledge"
    open = "Open the case"
    name = "Your name (optional)"
    gone = "This link opens nothing, or no longer. Open the newest notice, or ask the desk."
    failed = "That did not work. Try again in a moment."
    refused = "Nothing was changed. Open the link in the notice again and press the button there."

    def status(self, shown: Shown) -> str:
        return _EN_STATUSES[shown.status]

    def headline(self, shown: Shown) -> str:
        if shown.standing is Standing.RESOLVED:
            return "Resolved. Nothing to do."
        if shown.promise is None:
            return "No promise is running."
        what, gap = en.promise(shown.promise.metric).capitalize(), _whole(en.duration(shown.promise.gap_seconds))
        return f"{what} {gap} late" if shown.standing is Standing.LATE else f"{what} due in {gap}"

    def promised(self, promise: Promise) -> str:
        target = en.duration(promise.target_seconds, days=False)
        if promise.metric is Metric.REPLY_WINDOW:
            return f"The platform takes answers for {target}, until {en.moment(promise.due_at)}."
        return f"Promised within {target} (hours: {promise.calendar}). Due {en.moment(promise.due_at)}."

    def done(self, shown: Shown) -> str:
        by = f" by {shown.taken_by}" if shown.taken_by else ""
        return f"Acknowledged{by}, {en.moment(shown.taken_at)}" if shown.taken_at else f"Acknowledged{by}"

    def facts(self, shown: Shown) -> Iterator[tuple[str, str]]:
        if shown.risks:
            yield "At risk", en.risks(shown.risks)
        if shown.waited_seconds is not None:
            messages = "1 message" if shown.waiting_messages == 1 else f"{shown.waiting_messages} messages"
            yield "Waiting", f"{en.duration(shown.waited_seconds)}, {messages}"
        yield "About", en.about(shown.subject, shown.topic)
        yield "Where", f"{shown.channel}, {en.surface(shown.surface)}"
        yield "Brand", shown.brand_name
        yield "Team", shown.team
        if shown.resolved_at:
            yield "Resolved", en.moment(shown.resolved_at)

    def footer(self, shown: Shown) -> str:
        return (
            f"As of {en.moment(shown.at)}. This link works until {en.moment(shown.ends_at)}. "
            "Whoever has it can acknowledge: do not pass it on."
        )


class Chinese:
    acknowledge = "确认接手"
    open = "打开工单"
    name = "您的姓名（选填）"
    gone = "此链接无效或已过期。请打开最新的通知，或联系客服台。"
    failed = "操作未成功，请稍后再试。"
    refused = "没有做任何更改。请重新打开通知里的链接，再按按钮。"

    def status(self, shown: Shown) -> str:
        return _ZH_STATUSES[shown.status]

    def headline(self, shown: Shown) -> str:
        if shown.standing is Standing.RESOLVED:
            return "已解决，无需处理。"
        if shown.promise is None:
            return "目前没有计时中的承诺。"
        what, gap = zh.promise(shown.promise.metric), _whole(zh.duration(shown.promise.gap_seconds))
        return f"{what}已超时 {gap}" if shown.standing is Standing.LATE else f"{what}还剩 {gap}"

    def promised(self, promise: Promise) -> str:
        what = "解决问题" if promise.metric is Metric.RESOLUTION else zh.promise(promise.metric)
        target = zh.duration(promise.target_seconds, days=False)
        if promise.metric is Metric.REPLY_WINDOW:
            return f"平台只在 {target}内接受回复，至 {zh.moment(promise.due_at)}。"
        return f"承诺 {target}内{what}（时段：{promise.calendar}）。期限：{zh.moment(promise.due_at)}。"

    def done(self, shown: Shown) -> str:
        name = shown.taken_by
        by = "值班人员（链接）" if name == ANONYMOUS + BY_LINK else name
        return f"{by} 已接手，{zh.moment(shown.taken_at)}" if shown.taken_at else f"{by} 已接手"

    def facts(self, shown: Shown) -> Iterator[tuple[str, str]]:
        if shown.risks:
            yield "风险", zh.risks(shown.risks)
        if shown.waited_seconds is not None:
            yield "已等", f"{zh.duration(shown.waited_seconds)}，{shown.waiting_messages} 条消息"
        yield "内容", zh.about(shown.subject, shown.topic)
        yield "渠道", f"{shown.channel}，{zh.surface(shown.surface)}"
        yield "品牌", shown.brand_name
        yield "团队", shown.team
        if shown.resolved_at:
            yield "解决", zh.moment(shown.resolved_at)

    def footer(self, shown: Shown) -> str:
        return (
            f"截至 {zh.moment(shown.at)}。此链接有效至 {zh.moment(shown.ends_at)}。持有链接的人都能确认接手，请勿转发。"
        )


def _whole(duration: str) -> str:
    """A duration that no line end takes apart."""
    return duration.replace(" ", "\N{NO-BREAK SPACE}")


WORDS: dict[str, Words] = {"en": English(), "zh": Chinese()}
