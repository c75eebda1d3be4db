"""What callers of the desk may send: queries, bodies, headers, tokens of a next page. Nothing else is accepted."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from heed.model import Kind, Priority, RiskName, Sentiment, Status, Topic
from heed.platforms import Request
from heed.rim.corrections import Labels
from heed.rim.desk_errors import Refused

BODY_LIMIT_BYTES = 64 * 1024
TEXT_LIMIT = 10_000

M = TypeVar("M", bound=BaseModel)

_CASE_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{8}")
_LOOKALIKES = str.maketrans("ILO", "110")
_IF_MATCH = re.compile(r'"?([0-9]{1,10})"?')
_IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,200}")


def _said(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank", "must hold more than blanks")
    return text


def _printable(text: str) -> str:
    if not text.isprintable():
        raise PydanticCustomError("unprintable", "must be printable, on one line")
    return text


def _listed(value: Any) -> Any:
    return tuple(filter(None, value.split(","))) if isinstance(value, str) else value


Text = Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT), AfterValidator(_said)]
Name = Annotated[str, Field(max_length=100), AfterValidator(_printable)]
MessageId = Annotated[str, Field(min_length=1, max_length=512), AfterValidator(_printable), AfterValidator(_said)]
Language = Annotated[str, Field(pattern=r"^([a-z]{2}|und)$")]
Month = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
Token = Annotated[str, Field(min_length=1, max_length=500)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(_Strict):
    """No field at all."""


class Reply(_Strict):
    """A person's public answer as it was sent. `message_id` is the platform's own id of it."""

    text: Text
    message_id: MessageId | None = None
    sent_at: AwareDatetime | None = None


class Note(_Strict):
    text: Text


class Assignment(_Strict):
    """Without `assignee` the team has the case and no one of it."""

    team: Name
    assignee: Name = ""


class NewStatus(_Strict):
    status: Literal["open", "pending_customer", "on_hold"]


class NewPriority(_Strict):
    priority: Priority


class Merge(_Strict):
    """`into` is the id of the case that goes on."""

    into: Annotated[str, Field(min_length=1, max_length=20)]


class Split(_Strict):
    """The customer's messages that are another matter, by their ids."""

    messages: Annotated[tuple[MessageId, ...], Field(min_length=1, max_length=40)]


class Correction(_Strict):
    """What a customer's message is; what is left out is not corrected. No risks at all is an empty list."""

    message_id: MessageId
    kind: Kind | None = None
    sentiment: Sentiment | None = None
    topic: Topic | None = None
    risks: Annotated[tuple[RiskName, ...], Field(max_length=20)] | None = None
    language: Language | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> Correction:
        if self.labels() == Labels():
            raise PydanticCustomError("nothing", "must name a kind, sentiment, topic, risks or language")
        return self

    def labels(self) -> Labels:
        risks = None if self.risks is None else tuple(name for name in RiskName if name in self.risks)
        return Labels(self.kind, self.sentiment, self.topic, risks, self.language)


class CorrectionsQuery(_Strict):
    """`month` is that in which the messages were received, in UTC, as YYYY-MM; by default this one."""

    month: Month | None = None
    next: Token | None = None


class ListQuery(_Strict):
    team: Name | None = None
    status: Status = Status.OPEN
    priority: Annotated[tuple[Priority, ...], BeforeValidator(_listed)] = ()
    limit: Annotated[int, Field(ge=1, le=100)] = 25
    next: Token | None = None


class ReadQuery(_Strict):
    next: Token | None = None


class ListPlace(_Strict):
    """Where a list goes on: in which list, after which deadline and case."""

    desk: str
    deadline: Annotated[str, Field(pattern=r"^(9999|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)$")]
    case: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class CorrectionPlace(_Strict):
    """Where corrections go on: in which month, after which item."""

    month: str
    after: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class LinePlace(_Strict):
    """Where a timeline goes on: of which case, after how many lines of that very time."""

    case: str
    at: AwareDatetime
    given: Annotated[int, Field(ge=1)]


def body(kind: type[M], request: Request) -> M:
    """The body as `kind`; none stands for an empty object. Raises Refused 400."""
    try:
        return kind.model_validate_json(request.body or b"{}", strict=True)
    except ValidationError as error:
        raise Refused(400, "invalid_body", _sentence(kind, error)) from None


def query(kind: type[M], request: Request) -> M:
    """The query as `kind`. Raises Refused 400."""
    try:
        return kind.model_validate(request.parameters())
    except ValidationError as error:
        raise Refused(400, "invalid_query", _sentence(kind, error)) from None
    except ValueError:
        raise Refused(400, "invalid_query", "The query holds too many parameters.") from None


def seal(place: BaseModel) -> str:
    """A place as an opaque token. It opens nothing by itself: every page asks anew whether the caller may see it."""
    return base64.urlsafe_b64encode(place.model_dump_json().encode()).decode().rstrip("=")


def unseal(kind: type[M], token: str) -> M:
    """The place in a token. Raises Refused 400 if it is none of ours."""
    try:
        return kind.model_validate_json(base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True))
    except (ValidationError, binascii.Error, ValueError):
        raise invalid_next() from None


def invalid_next() -> Refused:
    return Refused(400, "invalid_next", "`next` is not of this list; start again without it.")


def case_id(text: str) -> str | None:
    """The id that people mean: any case, hyphen or none, I and L for 1 and O for 0 (Crockford). None if it is no id."""
    digits = text.upper().replace("-", "", 1).translate(_LOOKALIKES)
    return f"{digits[:4]}-{digits[4:]}" if text.isascii() and _CASE_ID.fullmatch(digits) else None


def expected_version(request: Request) -> int | None:
    """The version that `If-Match` asks for, None if any will do. Raises Refused 400."""
    wanted = request.headers.get("if-match", "*").strip()
    if wanted == "*":
        return None
    found = _IF_MATCH.fullmatch(wanted)
    if found is None:
        raise Refused(400, "invalid_header", "If-Match takes one version of a case, as its ETag has it.")
    return int(found[1])


def idempotency_key(request: Request) -> str | None:
    """The `Idempotency-Key`, None if there is none. Raises Refused 400."""
    key = request.headers.get("idempotency-key")
    if key is not None and not _IDEMPOTENCY_KEY.fullmatch(key):
        raise Refused(400, "invalid_header", "Idempotency-Key takes 1 to 200 visible ASCII characters.")
    return key


def _sentence(kind: type[BaseModel], error: ValidationError) -> str:
    """What is wrong, without a word of what was sent."""
    details = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(dict.fromkeys(_complaints(kind, details))) + "."


def _complaints(kind: type[BaseModel], details: list[ErrorDetails]) -> Iterator[str]:
    for detail in details[:5]:
        name = str(detail["loc"][0]) if detail["loc"] else ""
        if detail["type"] == "extra_forbidden":
            known = ", ".join(kind.model_fields) or "none"
            yield f"There is a field that is not known here (known: {known})"
        elif detail["type"] == "json_invalid":
            yield "The body is not valid JSON in UTF-8"
        elif detail["type"] == "missing":
            yield f"{name} is missing"
        else:
            yield f"{name or 'The body'}: {detail['msg']}"
