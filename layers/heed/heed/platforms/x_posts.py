"""X in public: posts of the Account Activity API (v1.1 objects) and of the X Activity API (v2 objects), and deletions.

Both come to one shape, so that one conversation holds them whichever envelope they came in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from heed.model import Attachment, AttachmentKind, Author, Channel, Message, Report, ReportKind, Surface
from heed.platforms import fields
from heed.values import Value

Reader = Callable[[dict[str, object], str, object, Channel, datetime], fields.Found]

_MEDIA = {"photo": AttachmentKind.IMAGE, "video": AttachmentKind.VIDEO, "animated_gif": AttachmentKind.VIDEO}


class _Post(Value):
    """What both kinds of post have in common; `above` is the post answered, `to` its author, `app` what wrote it."""

    id: str
    author: str
    name: str
    text: str
    sent_at: datetime
    above: object
    to: object
    quoted: object
    attachments: tuple[Attachment, ...]
    app: str = ""


def _tweet(
    item: dict[str, object], brand: str, beside: object, channel: Channel, received_at: datetime
) -> fields.Found:
    """A post as v1.1 writes it; beyond 140 characters the whole text stands in `extended_tweet`."""
    if "retweeted_status" in item:
        return "retweet"
    user = fields.mapping(item.get("user"), "user")
    whole = fields.optional(item.get("extended_tweet"), "extended_tweet")
    post = _Post(
        id=_id(item, "id"),
        author=_id(user, "id"),
        name=fields.line(user.get("name")),
        text=fields.text(whole.get("full_text", item.get("full_text", item.get("text")))),
        sent_at=_created(item),
        above=_first(item, "in_reply_to_status_id_str", "in_reply_to_status_id"),
        to=_first(item, "in_reply_to_user_id_str", "in_reply_to_user_id"),
        quoted=_first(item, "quoted_status_id_str", "quoted_status_id"),
        attachments=_shown(whole) or _shown(item),
        app=re.sub("<[^>]*>", "", fields.line(item.get("source"))),
    )
    return _public(post, brand, channel, received_at)


def _post(item: dict[str, object], brand: str, beside: object, channel: Channel, received_at: datetime) -> fields.Found:
    """A post as v2 writes it, with what it refers to in `includes`."""
    links = [fields.mapping(link, "referenced") for link in fields.items(item.get("referenced_tweets"), "referenced")]
    linked = {link.get("type"): link.get("id") for link in links if isinstance(link.get("type"), str)}
    if "retweeted" in linked:
        return "retweet"
    author, above = fields.identity(item.get("author_id"), "author"), linked.get("replied_to")
    note = fields.optional(item.get("note_tweet"), "note_tweet")
    post = _Post(
        id=fields.identity(item.get("id"), "id"),
        author=author,
        name=name_of(author, beside),
        text=fields.text(note.get("text", item.get("text"))),
        sent_at=fields.moment(item.get("created_at")),
        above=above,
        to=item.get("in_reply_to_user_id", _author_of(above, beside)),
        quoted=linked.get("quoted"),
        attachments=_keyed(item, beside),
    )
    return _public(post, brand, channel, received_at)


def _public(post: _Post, brand: str, channel: Channel, received_at: datetime) -> Message | str:
    own = post.author == brand
    if own and post.above is None:
        return "own_post"
    # Of an answer to nobody knows whom no clock may stop unseen: it goes to quarantine.
    to = "" if post.above is None or (post.to is None and not own) else fields.identity(post.to, "answered")
    if own and to == brand:
        return "own_post"
    customer = to if own else post.author
    answered = post.above if post.above is not None else post.quoted
    return Message(
        channel=channel.name,
        id=post.id,
        conversation=_conversation(brand, customer),
        customer=customer,
        author=Author.CUSTOMER if not own else Author.BOT if post.app in channel.bots else Author.AGENT,
        surface=Surface.COMMENT if own or to == brand else Surface.MENTION,
        text=post.text,
        sent_at=post.sent_at,
        received_at=received_at,
        attachments=post.attachments,
        reply_to=None if answered is None else fields.identity(answered, "answered"),
        author_name=post.name,
    )


def _conversation(brand: str, customer: str) -> str:
    return fields.thread(brand, customer, "public")


def _tweet_deleted(
    item: dict[str, object], brand: str, beside: object, channel: Channel, received_at: datetime
) -> Report | str:
    status = fields.mapping(item.get("status"), "status")
    at = fields.moment(item.get("timestamp_ms"))
    return _deleted(status.get("id"), status.get("user_id"), at, brand, channel, received_at)


def _post_deleted(
    item: dict[str, object], brand: str, beside: object, channel: Channel, received_at: datetime
) -> Report | str:
    return _deleted(item.get("id"), item.get("author_id"), received_at, brand, channel, received_at)


def _deleted(
    post: object, author: object, at: datetime, brand: str, channel: Channel, received_at: datetime
) -> Report | str:
    customer = fields.identity(author, "author")
    if customer == brand:
        return "own_post_deleted"
    return Report(
        channel=channel.name,
        kind=ReportKind.WITHDRAWN,
        message=fields.identity(post, "id"),
        conversation=_conversation(brand, customer),
        at=at,
        received_at=received_at,
    )


def name_of(user: str, beside: object) -> str:
    """What a person is called, from AAA's map of users or XAA's `includes`, where it names them."""
    if not isinstance(beside, dict):
        return ""
    found: object = beside.get(user)
    people = [found] if isinstance(found, dict) else list(_included(beside, "users"))
    data = [fields.mapping(one.get("data", one), "users") for one in people]
    return next((fields.line(one.get("name")) for one in data if one.get("id", user) == user), "")


def medium(value: object) -> Attachment:
    """A picture or film, of a post or a direct message."""
    media = fields.mapping(value, "media")
    kind = media.get("type")
    address = fields.url(media.get("media_url_https")) or fields.url(media.get("url"))
    found = _MEDIA.get(kind, AttachmentKind.FILE) if isinstance(kind, str) else AttachmentKind.FILE
    return Attachment(found, address or fields.reference(media.get("id_str", media.get("media_key"))))


def _shown(item: dict[str, object]) -> tuple[Attachment, ...]:
    """The media of a v1.1 post; `entities` names the first of several only."""
    for name in ("extended_entities", "entities"):
        held = fields.items(fields.optional(item.get(name), name).get("media"), name)
        if held:
            return tuple(medium(one) for one in held[: fields.ATTACHMENT_LIMIT])
    return ()


def _keyed(item: dict[str, object], beside: object) -> tuple[Attachment, ...]:
    """The media of a v2 post: keys, whose objects stand in `includes` if they were asked for."""
    keys = fields.items(fields.optional(item.get("attachments"), "attachments").get("media_keys"), "media_keys")
    known = {one["media_key"]: one for one in _included(beside, "media") if isinstance(one.get("media_key"), str)}
    held = [known.get(fields.identity(key, "media"), {"media_key": key}) for key in keys[: fields.ATTACHMENT_LIMIT]]
    return tuple(medium(one) for one in held)


def _included(beside: object, name: str) -> Iterator[dict[str, object]]:
    held = beside.get(name) if isinstance(beside, dict) else None
    yield from (one for one in held if isinstance(one, dict)) if isinstance(held, list) else ()


def _author_of(post: object, beside: object) -> object:
    found = (one.get("author_id") for one in _included(beside, "tweets") if one.get("id") == post)
    return next(found, None) if post is not None else None


def _id(item: dict[str, object], name: str) -> str:
    return fields.identity(item.get(f"{name}_str", item.get(name)), name)


def _first(item: dict[str, object], *names: str) -> object:
    return next((item[name] for name in names if item.get(name) is not None), None)


def _created(item: dict[str, object]) -> datetime:
    """`timestamp_ms`, or `created_at` as in `Mon Mar 26 16:33:26 +0000 2018`."""
    if item.get("timestamp_ms") is not None:
        return fields.moment(item["timestamp_ms"])
    from email.utils import parsedate_to_datetime

    try:
        found = parsedate_to_datetime(fields.text(item.get("created_at")))
        return found.astimezone(UTC) if found.tzinfo else fields.moment(None)
    except (TypeError, ValueError, IndexError, OverflowError) as error:
        raise fields.Misread("time") from error


READERS: dict[str, Reader] = {
    "tweet_create_events": _tweet,
    "tweet_delete_events": _tweet_deleted,
    "post.create": _post,
    "post.mention.create": _post,
    "post.reply.create": _post,
    "post.quote.create": _post,
    "post.delete": _post_deleted,
}
