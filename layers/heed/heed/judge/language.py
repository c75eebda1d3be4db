"""Which language a message is in: by script first, then, where several languages share one, by a table of n-grams.

Codes are ISO 639-1; `und` (ISO 639-2) where nothing tells. The table (`language.bin`, made by `infra.judge.language`)
is read on the first message that needs it: Chinese, Japanese, Korean, Thai, ... and messages without letters do not.
Bosnian is told as `hr`, Nynorsk as `nb`; Latin-script languages outside the table are `und`.
"""

import re
from collections import Counter
from functools import cache
from math import exp
from operator import add
from zlib import crc32

UNKNOWN = "und"
TABLE = __file__.rpartition("language")[0] + "language.bin"

_READ = 1_000  # characters looked at for the script
_LETTERS = 160  # letters and spaces looked at in the table: more evidence changes nothing
_RICH = 48  # up to here every order of n-gram is used, above it three letters will do
_LARGE = 1 << 15  # rows of a table of many languages, whose rows are long: every other run of three will do
_FEW = 3  # letters too few to tell a language of Latin script by
_EXPECTED = 2.0  # what the channel's own language is ahead by, in nats
_DOUBT = 0.5  # below, the channel's language is the better guess
_NO_IDEA = 0.3  # below, none is
_SCRIPT_SURE, _SHORT_SURE = 0.98, 0.7
_SURE = 0.99  # nothing is surer
_HOPELESS = 10.0  # nats behind the likeliest from which a language no longer counts
_HINT = re.compile(r"[a-z]{2}(?![a-z])")
_LINK = r"https?\S*|@\S+"

# Unicode's blocks in steps of 64 code points.
_BLOCKS = {
    "latin": (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 120, 121, 122, 123),
    "el": (13, 14, 15, 124, 125, 126, 127),
    "cyrillic": (16, 17, 18, 19),
    "hy": (20, 21),
    "he": (22, 23),
    "arabic": (24, 25, 26, 27, 29, *range(1005, 1016), 1017, 1018, 1019),
    "devanagari": (36, 37),
    "bn": (38, 39),
    "pa": (40, 41),
    "gu": (42, 43),
    "or": (44, 45),
    "ta": (46, 47),
    "te": (48, 49),
    "kn": (50, 51),
    "ml": (52, 53),
    "si": (54, 55),
    "th": (56, 57),
    "lo": (58, 59),
    "bo": (60, 61, 62, 63),
    "my": (64, 65),
    "ka": (66, 67),
    "am": tuple(range(72, 78)),
    "km": (94, 95),
    "kana": (193, 194, 195, 199),
    "han": (*range(208, 640), *range(996, 1004)),
    "ko": (68, 69, 70, 71, *range(688, 863)),
}
_SCRIPT = {block: script for script, blocks in _BLOCKS.items() for block in blocks}
# A Latin letter says less than one of another script: brands and products are written in Latin letters everywhere.
_WORTH = {"han": 6, "kana": 6, "ko": 6, "latin": 1}
_LETTERS_OF = {  # compiled when a message needs them; tens of thousands of characters would take 40 M instructions
    "latin": "[a-zß-öø-ɏḁ-ỿ]+",
    "cyrillic": "[а-ӿ]+",
    "arabic": "[ء-ٟٮ-ۓە]+",
    "devanagari": "[ऀ-ॣॱ-ॿ]+",
}
_LAST_LATIN = "\u036f"  # of the blocks in a row that are Latin script
_KANA = "[\u3040-\u30ff\u31c0-\u31ff]"
_HAN_BYTES = bytes([*range(0x34, 0xA0), 0xF9, 0xFA])
"""The upper bytes of Chinese characters in UTF-16."""

_GLANCE = 24  # characters in which most Chinese messages show that they are

# The n-grams are hashed all at once: a text is one integer with a lane of 32 bits a character, and a lane of
# sum(character * multiplier) is one n-gram's hash. 4 * 0xFFFF * 0x3FFF and a seed still fit a lane.
_ORDERS = (
    ((5231, 11003, 7919), 3001),  # multipliers of a run of characters, seed
    ((12713, 7321), 11213),
    ((13007, 4969, 15013, 9461), 23333),
)
_LANES = _LETTERS + 2  # a space before and one after
_ONES = int.from_bytes(b"\1\0\0\0" * _LANES, "little")
_BLOCK_LANES = int.from_bytes(b"\xff\x03" * 2 * _READ, "little")  # a character may be two units


class Group:
    """Languages of one script: `rows` rows of a byte a language, the first one `at` so many bytes into the table.

    A language's score is its bias and the sum of its bytes over a text's n-grams and words; the softmax of scale
    times the scores is the confidence. A byte is 128 more than the weight, which the softmax does not see. `codes`
    and `biases` stand as `_sums` gives the columns.
    """

    def __init__(self, codes: tuple[str, ...], rows: int, at: int, scale: float, biases: tuple[int, ...]) -> None:
        self.codes, self.rows, self.at, self.scale, self.biases = codes, rows, at, scale, biases


class Table:
    """`forms`: a byte for every character from U+4E00 to U+9FFF: 1 simplified, 2 traditional, 4 Japanese, or 1 + 4."""

    def __init__(self, weights: bytes, groups: dict[str, Group], forms: bytes) -> None:
        self.weights, self.groups, self.forms = weights, groups, forms


def detect(plain: str, hint: str | None = None) -> tuple[str, float]:
    """The language of a message brought to one form by `text.read`, and how sure that is, 0 to 1. Never raises.

    A hint (`zh-CN`, `pt`: what the channel expects) decides where the text does not, and counts where several
    languages of one script are likely. A message in several scripts is in that of its words, names in Latin letters
    left aside.
    """
    known = _HINT.match(hint.lower()) if hint else None
    expected = known.group() if known else None
    code, confidence = _told(plain[:_READ], expected)
    if expected and confidence < _DOUBT:
        return expected, _DOUBT
    return (code if confidence >= _NO_IDEA else UNKNOWN), confidence


def script(text: str) -> str:
    """`Hans` or `Hant` (ISO 15924) for Chinese as it was written, `""` where no character tells the two apart."""
    forms = _forms(text[:_READ])
    simplified, traditional = forms.count(1) + forms.count(5), forms.count(2)
    if simplified == traditional:
        return ""
    return "Hans" if simplified > traditional else "Hant"


def _told(plain: str, expected: str | None) -> tuple[str, float]:
    if "http" in plain or "@" in plain:
        plain = re.sub(_LINK, " ", plain)
    if _mostly_han(plain):
        return _chinese_or_japanese(plain, "han", expected)
    all_latin = plain.isascii() or max(plain) <= _LAST_LATIN
    name, letters = ("latin", 0) if all_latin else _script_of(plain)
    if name in ("han", "kana"):
        return _chinese_or_japanese(plain, name, expected)
    if name not in _LETTERS_OF:
        return (name, _SCRIPT_SURE if letters >= _FEW else _SHORT_SURE) if name else (UNKNOWN, 0.2)
    words = words_of(plain, name)
    if not words:
        return UNKNOWN, 0.2
    code, confidence = _likeliest(words, name, expected)
    if name == "latin" and len(words) < _FEW:
        return code, min(confidence, 0.4)
    return code, confidence


def _mostly_han(plain: str) -> bool:
    """Whether there are so many Chinese characters, and no kana, that no other script can be the main one."""
    if plain.isascii():
        return False
    upper = plain.encode("utf-16-le", "surrogatepass")[1::2]
    return 2 * len(upper.translate(None, _HAN_BYTES)) < len(upper) and not re.search(_KANA, plain)


def _script_of(plain: str) -> tuple[str, int]:
    """The main script ("" for none) and its letters."""
    units = plain.encode("utf-16-le", "surrogatepass")
    blocks = (int.from_bytes(units, "little") >> 6 & _BLOCK_LANES).to_bytes(len(units), "little")
    counts: Counter[str] = Counter()
    for block, count in Counter(memoryview(blocks).cast("H").tolist()).items():
        if name := _SCRIPT.get(block):
            counts[name] += count
    if counts["latin"]:  # half of its blocks are signs, digits and spaces
        counts["latin"] = sum(map(len, re.findall(_LETTERS_OF["latin"], plain)))
    name = max(counts, key=lambda name: counts[name] * _WORTH.get(name, 2), default="")
    if name in ("han", "kana"):
        kana = counts["kana"]
        return ("kana" if kana * 5 > counts["han"] and (kana > 1 or not counts["han"]) else "han"), counts["han"] + kana
    return (name, counts[name]) if counts[name] else ("", 0)


def _chinese_or_japanese(plain: str, name: str, expected: str | None) -> tuple[str, float]:
    if name == "kana":
        return "ja", _SCRIPT_SURE
    forms = _forms(plain[:_GLANCE])
    if 1 in forms and len(forms) >= _FEW:
        return "zh", _SCRIPT_SURE
    forms = _forms(plain)
    if 4 in forms and 1 not in forms:
        return "ja", 0.8
    if expected == "ja" and 1 not in forms:
        return "ja", _SHORT_SURE
    return "zh", _SCRIPT_SURE if len(forms) >= _FEW else _SHORT_SURE


def _forms(text: str) -> list[int]:
    forms = table().forms
    return [forms[ord(character) - 0x4E00] for character in text if "\u4e00" <= character <= "\u9fff"]


def _likeliest(words: str, name: str, expected: str | None) -> tuple[str, float]:
    group = table().groups[name]
    codes, scale = group.codes, group.scale
    scores = list(map(add, _sums(starts(words, group.rows, len(codes), group.at), len(codes)), group.biases))
    if expected in codes:
        scores[codes.index(expected)] += round(_EXPECTED / scale)
    best = max(scores)
    share = 1 / sum([exp((score - best) * scale) for score in scores if (best - score) * scale < _HOPELESS])
    return codes[scores.index(best)], min(share, _SURE)


def words_of(plain: str, name: str) -> str:
    """The words of a script, a space between them, as far as they are looked at."""
    return " ".join(re.findall(_LETTERS_OF[name], plain))[:_LETTERS]


def starts(words: str, rows: int, width: int = 1, at: int = 0) -> list[int]:
    """Where a text's rows of a table start that has `rows` rows (a power of two) of `width` bytes from `at` on.

    Words are lower-case with a space between them, at most 160 characters, none above U+FFFF. There is one row for
    every word, and one for every 2, 3 and 4 characters in a row, the borders' spaces included; in longer texts, which
    have evidence to spare, for every 3 only, or every other 3 where the table is large. A row counts once, so that
    `hahahaha` says no more than `haha`.
    """
    length, last = len(words) + 2, rows - 1
    text = int.from_bytes(f" {words} ".encode("utf-32-le", "surrogatepass"), "little")
    found = [(crc32(word) & last) * width + at for word in words.encode("utf-8", "surrogatepass").split(b" ")]
    orders = _ORDERS if length <= _RICH else _ORDERS[:1]
    step = 2 if length > _RICH and rows >= _LARGE else 1
    for multipliers, seed in orders:
        grams = length - len(multipliers) + 1
        hashed = sum([(text >> 32 * lane) * multiplier for lane, multiplier in enumerate(multipliers)])
        lanes = (hashed + seed * _ONES & last * _ONES) * width + at * _ONES
        found += memoryview(lanes.to_bytes(4 * _LANES, "little")).cast("I")[: max(0, grams) : step].tolist()
    return list(set(found))


def _sums(rows: list[int], width: int) -> list[int]:
    """The sums of the even columns, then of the odd ones.

    All rows become one integer, even and odd bytes apart in lanes of 16 bits, which is folded in halves.
    """
    weights = table().weights
    whole = int.from_bytes(b"".join([weights[row : row + width] for row in rows]), "little")
    lanes = _even_bytes(width)
    even, odd, left = whole & lanes, whole >> 8 & lanes, len(rows)
    while left > 1:
        left = left + 1 >> 1
        bits = left * width * 8
        low = (1 << bits) - 1
        even, odd = (even >> bits) + (even & low), (odd >> bits) + (odd & low)
    return [*memoryview(even.to_bytes(width, "little")).cast("H"), *memoryview(odd.to_bytes(width, "little")).cast("H")]


@cache
def _even_bytes(width: int) -> int:
    return int.from_bytes(b"\xff\0" * (width * 256 >> 1), "little")


@cache
def table() -> Table:
    """The table: a line a group (name, rows, scale, then code:bias for every column), a blank one, the bytes."""
    with open(TABLE, "rb") as file:
        weights = file.read()
    head = weights[: weights.index(b"\n\n")]
    at = len(head) + 2
    groups = {}
    for line in head.decode("ascii").split("\n"):
        name, rows, scale, *columns = line.split(" ")
        told = [column.split(":") for column in (*columns[::2], *columns[1::2])]
        codes, biases = tuple(code for code, _ in told), tuple(int(bias) for _, bias in told)
        groups[name] = Group(codes, int(rows), at, float(scale), biases)
        at += int(rows) * len(codes)
    return Table(weights, groups, weights[at:])
