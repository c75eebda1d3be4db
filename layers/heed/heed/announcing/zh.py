"""The words of notices, escalations and the page behind a notice's link, in Chinese."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from heed.announcing.en import digest_subject, subject
from heed.announcing.facts import Facts, NextAction, Turn
from heed.announcing.gathered import Gathered
from heed.announcing.words import fill, split, zone_of
from heed.model import EffectKind, Hold, Kind, Metric, RiskName, Surface, Topic

__all__ = [
    "about",
    "digest_email",
    "digest_sms",
    "digest_subject",
    "duration",
    "email",
    "moment",
    "promise",
    "reason",
    "risks",
    "sms",
    "subject",
    "surface",
]

_DAYS = "一二三四五六日"
_UNITS = {"d": "天", "h": "小时", "min": "分", "s": "秒"}
_CITIES = {"Shanghai": "北京时间"}
_KINDS = {EffectKind.BREACH: "超时", EffectKind.WARNING: "预警", EffectKind.CORRECTION: "更正"}
_METRICS = {
    Metric.FIRST_RESPONSE: "首次回复",
    Metric.NEXT_RESPONSE: "后续回复",
    Metric.RESOLUTION: "问题解决",
    Metric.REPLY_WINDOW: "窗口内回复",
}
_SURFACES = {
    Surface.DIRECT: "私信",
    Surface.COMMENT: "公开评论",
    Surface.MENTION: "公开提及",
    Surface.REVIEW: "公开点评",
}
_RISKS = {
    RiskName.SAFETY: "人身安全",
    RiskName.LEGAL: "法律",
    RiskName.REGULATOR: "监管投诉",
    RiskName.MEDIA: "媒体曝光",
    RiskName.FRAUD: "欺诈",
    RiskName.DATA_LEAK: "信息泄露",
    RiskName.SELF_HARM: "自伤",
    RiskName.ABUSE: "辱骂",
    RiskName.SCAM: "诈骗",
}
_SUBJECTS = {
    Kind.COMPLAINT: "投诉",
    Kind.QUESTION: "咨询",
    Kind.PRAISE: "表扬",
    Kind.SUGGESTION: "建议",
    Kind.REQUEST: "请求",
    Kind.IRRELEVANT: "无关内容",
}
_TOPICS = {
    Topic.DELIVERY: "物流配送",
    Topic.PAYMENT_REFUND: "支付退款",
    Topic.PRODUCT_QUALITY: "产品质量",
    Topic.TECHNICAL: "技术问题",
    Topic.ACCOUNT_SECURITY: "账号安全",
    Topic.SERVICE_ATTITUDE: "服务态度",
    Topic.PRICE: "价格",
    Topic.OTHER: "其他",
}
_REASONS = {
    "signal:angry": "客户很生气。",
    "signal:wants_human": "客户要求人工服务。",
    "signal:urgent": "客户表示很紧急。",
    "contacted_again": "客户没有得到答复，再次来信。",
    "uncertain_negative": "消息语气负面，系统没有把握理解正确。",
} | {f"risk:{risk}": f"客户的话涉及风险：{name}。" for risk, name in _RISKS.items()}


def reason(code: str) -> str:
    """The sentence for a reason code of the escalation contract; the code itself if it has none yet."""
    if code.startswith("priority:"):
        return f"工单优先级为 {code.removeprefix('priority:')}。"
    return _REASONS.get(code, code)


def promise(metric: Metric) -> str:
    return _METRICS[metric]


def surface(where: Surface) -> str:
    return _SURFACES[where]


def risks(names: Iterable[RiskName]) -> str:
    return "、".join(_RISKS[name] for name in names)


def about(kind: Kind, topic: Topic) -> str:
    return f"{_SUBJECTS[kind]}，{_TOPICS[topic]}"


def duration(seconds: float, days: bool = True) -> str:
    parts = split(seconds, days)
    told = " ".join(f"{count} {_UNITS[unit]}" for count, unit in parts) or "不到 1 秒"
    return f"{told}钟" if len(parts) == 1 and parts[0][1] == "min" else told


def moment(at: datetime) -> str:
    city, offset = zone_of(at)
    zone = _CITIES.get(city) or (f"{city} 时间（{offset}）" if city else offset)
    return f"{at.month}月{at.day}日 周{_DAYS[at.weekday()]} {at:%H:%M} {zone}"


def sms(facts: Facts) -> str:
    """One line of at most 140 characters with the link: in UCS-2 two SMS, three for a link to the page."""
    extras = []
    if facts.turn in (Turn.LATE, Turn.DUE):
        extras += [f"风险：{risks(facts.risks)}。"] if facts.risks else []
        extras += [_urge(facts)]
    extras += [f"值班：{facts.on_call}。"] if facts.on_call else []
    return fill(f"Heed {_short(facts)}。", (*extras, f"{facts.channel}"), facts.link)


def email(facts: Facts) -> str:
    """What happened, what to do and where, then the particulars, one a line."""
    lines = [*_news(facts), "", *_action(facts), facts.link, "", *_particulars(facts)]
    if facts.excerpt:
        lines += ["", "客户原话：", f"> {facts.excerpt}"]
    return "\n".join(lines) + "\n"


def _short(facts: Facts) -> str:
    what, gap = _METRICS[facts.metric], duration(facts.gap_seconds)
    told = {
        Turn.LATE: f"{what}超时 {gap}",
        Turn.KEPT_LATE: f"{what}晚了 {gap}，已完成",
        Turn.CLOSED: f"关闭时仍未{what}",
        Turn.DUE: f"{what}还剩 {gap}",
        Turn.TAKEN_BACK: f"{what}其实按时",
    }
    if facts.metric is Metric.REPLY_WINDOW:
        told |= {Turn.LATE: f"回复窗口已关闭 {gap}", Turn.DUE: f"回复窗口还剩 {gap}"}
    level = f" L{facts.level}" if facts.level > 1 else ""
    return f"{facts.priority} {_KINDS[facts.kind]}{level} {facts.case_id}：{told[facts.turn]}"


def _urge(facts: Facts) -> str:
    if facts.action is NextAction.FOLLOW_UP:
        return "已有人接手，请跟进。"
    verb = "回复" if facts.action is NextAction.REPLY else "解决"
    return f"请接手并{verb}。" if facts.turn is Turn.LATE else f"请按时{verb}。"


def _news(facts: Facts) -> Iterator[str]:
    what, gap = _METRICS[facts.metric], duration(facts.gap_seconds)
    window = facts.metric is Metric.REPLY_WINDOW
    if facts.turn is Turn.LATE:
        yield f"平台的回复窗口已关闭 {gap}。" if window else f"{what}已超时 {gap}。"
        if facts.level > 1:
            yield f"这是第 {facts.level} 级通知：首次通知后仍无人回复。"
        yield "客户仍在等待。" if facts.waited_seconds is not None else "工单仍未解决。"
    elif facts.turn is Turn.KEPT_LATE:
        yield f"{what}晚了 {gap}。"
        yield "现已完成，客户不必再等。"
    elif facts.turn is Turn.CLOSED:
        yield f"工单关闭时仍未{what}，当时已超时 {gap}。"
    elif facts.turn is Turn.DUE:
        yield f"平台的回复窗口还剩 {gap}。" if window else f"距{what}的期限还剩 {gap}。"
    else:
        yield f"更正：{what}其实按时。"
        yield f"回复在期限前 {gap}就已发出，只是消息到得晚。"
        yield "请忽略之前的超时通知。"


def _action(facts: Facts) -> Iterator[str]:
    if facts.action is NextAction.NONE:
        yield "无需处理，仅供留存："
        return
    yield "【现在要做】"
    if facts.action is NextAction.FOLLOW_UP:
        yield f"{facts.taken_by} 已接手，请确认正在处理："
    elif facts.turn is Turn.DUE:
        verb = "回复客户" if facts.action is NextAction.REPLY else "解决问题"
        yield f"请在 {moment(facts.due_at)} 之前{verb}："
    elif facts.metric is Metric.REPLY_WINDOW:
        yield "先确认接手，再换一种方式联系客户："
    elif facts.action is NextAction.REPLY:
        yield "先确认接手，让同事知道，再回复客户："
    else:
        yield "先确认接手，再解决问题，或告诉客户进展："


def _particulars(facts: Facts) -> Iterator[str]:
    promised = "解决问题" if facts.metric is Metric.RESOLUTION else _METRICS[facts.metric]
    target = duration(facts.target_seconds, days=False)
    if facts.metric is Metric.REPLY_WINDOW:
        yield f"窗口：客户最后一条消息起 {target}（平台规定）"
    else:
        yield f"承诺：{target}内{promised}（时段：{facts.calendar}）"
    yield f"期限：{moment(facts.due_at)}"
    if facts.accelerated:
        yield "（优先级上调，期限改为上调后 5 分钟）"
    yield f"渠道：{facts.channel}，{surface(facts.surface)}"
    if facts.waited_seconds is not None:
        yield f"已等：{duration(facts.waited_seconds)}，{facts.waiting_messages} 条消息"
    if facts.risks:
        yield f"风险：{risks(facts.risks)}"
    yield f"内容：{about(facts.subject, facts.topic)}"
    yield f"工单：{facts.case_id}，{facts.priority}，品牌 {facts.brand_name}，团队 {facts.team}"
    if facts.on_call:
        yield f"值班：{facts.on_call}"


def digest_sms(gathered: Gathered) -> str:
    """One line of at most 140 characters with the link to the worst case."""
    worst = gathered.worst[0]
    extras = (f"{_tally(gathered.platforms)}。", f"值班：{gathered.on_call}。" if gathered.on_call else "")
    head = f"Heed {gathered.priorities[0]}：{_news_of_many(gathered)}。最严重 {_one_of_many(worst)}。"
    return fill(head, extras, worst.link)


def digest_email(gathered: Gathered) -> str:
    """How many, why only now, the worst with their links, then the figures."""
    lines = [*_many(gathered), "", "【现在要做】", "先处理最严重的，它们可能出于同一个原因："]
    for number, worst in enumerate(gathered.worst, 1):
        about = [worst.channel, _TOPICS[worst.topic]]
        about += [f"风险：{risks(worst.risks)}"] if worst.risks else []
        about += [f"{worst.taken_by} 已接手"] if worst.taken_by else []
        lines += ["", f"{number}. {_one_of_many(worst)}", f"   {'，'.join(about)}", f"   {worst.link}"]
    if gathered.unnamed:
        lines += ["", f"另有 {gathered.unnamed} 个。"]
    lines += [
        "",
        f"渠道平台：{_tally(gathered.platforms)}",
        f"内容：{_tally((_TOPICS[topic], count) for topic, count in gathered.topics)}",
        f"起始：{moment(gathered.since)}",
        f"对象：品牌 {gathered.brand_name}，团队 {gathered.team}",
    ]
    lines += [f"值班：{gathered.on_call}"] if gathered.on_call else []
    return "\n".join(lines) + "\n"


def _many(gathered: Gathered) -> Iterator[str]:
    if gathered.late:
        yield f"{_have(gathered)} {gathered.late} 项承诺超时。"
    if gathered.due:
        yield f"另有 {gathered.due} 项承诺即将超时。"
    if gathered.why is Hold.INCIDENT:
        yield f"第一项已在 {gathered.since:%H:%M} 通知，其余汇总在此。"
    elif gathered.why is Hold.HOURS:
        yield "发生在非工作时间且不属紧急，因此等到现在通知。"
    else:
        yield f"自 {gathered.since:%H:%M} 起已发 {gathered.told_before} 条通知，其余等到现在汇总。"
    if gathered.waiting:
        yield f"{gathered.waiting} 位客户仍在等待。"


def _news_of_many(gathered: Gathered) -> str:
    parts = [f"{_have(gathered)} {gathered.late} 项超时"] if gathered.late else []
    parts += [f"{gathered.due} 项即将超时"] if gathered.due else []
    return "，".join(parts)


def _have(gathered: Gathered) -> str:
    """`more` of them, if others were told before; over so many, if not all were counted."""
    return ("又有" if gathered.told_before else "有") + ("超过" if gathered.more else "")


def _one_of_many(facts: Facts) -> str:
    state = "超时" if facts.turn is Turn.LATE else "还剩"
    return f"{facts.case_id} {facts.priority} {_METRICS[facts.metric]}{state} {duration(facts.gap_seconds)}"


def _tally(counts: Iterable[tuple[str, int]]) -> str:
    return "、".join(f"{name} {count}" for name, count in counts)
