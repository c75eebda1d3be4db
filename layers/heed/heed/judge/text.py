"""What a customer typed, brought to one form, with the way back to their own words.

Unicode forms: NFKC (UAX #15), lower case, simplified Chinese, no invisible characters; `soooo` becomes `soo`,
`r e f u n d` becomes `refund`. Every character remembers where it came from, so that evidence is quoted
as it was written.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from unicodedata import is_normalized, normalize

LIMIT = 2_000
"""Characters read of a message. The point of a message is on its first page; texts of any length cost the same."""

_TRADITIONAL = (
    "們這個麼沒發貨還錢買賣問題說話對過時間東來為會話實無開關機點電員經給後東壞爛裡嗎讓請訴訟師聯絡網單號碼帳賬戶騙詐"
    "體驗質產滿意價貴幫訂測試壓應該選擇報過燒傷醫過敏觸爆漏煙氣憤極態惡劣務廢圾覺謝讚歡愛錯誤遲慢連續絕從來漲優惠費"
    "轉專線鍵緊馬處結束傷殺國際監協會記者執業費雙條檢舉漢語學習隱護僞偽換維護療飯餓樓價錄視頻難歲輕親"
)
_SIMPLIFIED = (
    "们这个么没发货还钱买卖问题说话对过时间东来为会话实无开关机点电员经给后东坏烂里吗让请诉讼师联络网单号码帐账户骗诈"
    "体验质产满意价贵帮订测试压应该选择报过烧伤医过敏触爆漏烟气愤极态恶劣务废圾觉谢赞欢爱错误迟慢连续绝从来涨优惠费"
    "转专线键紧马处结束伤杀国际监协会记者执业费双条检举汉语学习隐护伪伪换维护疗饭饿楼价录视频难岁轻亲"
)
# Invisible characters (format and variation marks) become U+200B, which the careful way then drops. One to one, so the
# quick way needs no map back.
_INVISIBLE = (
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2065),
    0xAD,
    0xFE0F,
    0xFE0E,
    0xFEFF,
    0x180E,
)
_FOLD = (
    {0xFF01 + offset: chr(0x21 + offset) for offset in range(94)}
    | str.maketrans(_TRADITIONAL, _SIMPLIFIED)
    | dict.fromkeys(_INVISIBLE, "\u200b")
    | {0x2019: "'", 0x2018: "'", 0x3000: " ", 0xA0: " ", 0x2026: "。", 0xFF61: "。"}
)
# A run of three, or at least three single characters kept apart; `soo`, not `so`, because `good` has two as well.
_RUN = re.compile(r"([^\W\d_])\1\1")
_APART = re.compile(
    r"(?<![^\W_])[a-z](?:[ ._*-][a-z]){3,}(?![^\W_])"
    r"|[^\W\d_a-z](?:[ ._*-]+[^\W\d_a-z]){2,}"
)
_GAP = re.compile(r"[ ._*-]+")


class Text(NamedTuple):
    """`plain` is what the lists are matched on; `origin[i]` is where plain[i] stands in `written` (None: at i)."""

    written: str
    plain: str
    origin: list[int] | None

    def quote(self, start: int, end: int) -> str:
        """The customer's own words for plain[start:end]."""
        if self.origin is None:
            return self.written[start:end]
        return self.written[self.origin[start] : self.origin[end - 1] + 1]


def read(written: str) -> Text:
    """Bring the first LIMIT characters to one form. Any str will do, lone surrogates too."""
    written = written[:LIMIT]
    plain = written.translate(_FOLD).lower()
    aligned = len(plain) == len(written) and is_normalized("NFKC", plain) and "\u200b" not in plain
    if aligned and not _RUN.search(plain) and not _APART.search(plain):
        return Text(written, plain, None)
    return _careful(written)


def _careful(written: str) -> Text:
    """The same, a character at a time."""
    letters: list[str] = []
    origin: list[int] = []
    for at, character in enumerate(written):
        for letter in normalize("NFKC", character).translate(_FOLD).lower():
            if letter != "\u200b" and not _thrice(letters, letter):
                letters.append(letter)
                origin.append(at)
    plain = "".join(letters)
    kept = sorted(set(range(len(plain))) - _gaps(plain))
    return Text(written, "".join([plain[at] for at in kept]), [origin[at] for at in kept])


def _thrice(letters: list[str], letter: str) -> bool:
    return letter.isalpha() and letters[-2:] == [letter, letter]


def _gaps(plain: str) -> set[int]:
    """Where a word's letters are kept apart by spaces or dots."""
    found: set[int] = set()
    for word in _APART.finditer(plain):
        for gap in _GAP.finditer(plain, word.start(), word.end()):
            found.update(range(gap.start(), gap.end()))
    return found
