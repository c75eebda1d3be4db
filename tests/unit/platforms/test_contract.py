"""What intake may rely on for every platform, and what the senders promise."""

import pytest

from heed import platforms
from heed.rim import pulling
from infra.heedctl import senders
from tests.unit.platforms.given import AT, META, SECRETS, adapter, channel, only, read, refused


@pytest.mark.parametrize("platform", platforms.NAMES)
def test_every_platform_has_a_limit_and_names_what_its_secret_must_hold(platform):
    found = adapter(platform)
    assert 64 * 1024 <= found.body_limit_bytes <= 4 * 1024 * 1024
    assert found.secret_fields
    assert set(found.secret_fields) <= set(SECRETS[platform])


# Of a platform that publishes no signature nothing but the check of a URL is ever genuine: test_bilibili.py.
SIGNED = [name for name in platforms.NAMES if name not in senders.HANDSHAKE_ONLY]


@pytest.mark.parametrize("platform", SIGNED)
@pytest.mark.parametrize("missing", range(2))
def test_every_named_field_of_a_secret_is_needed(platform, missing):
    names = adapter(platform).secret_fields
    secret = {name: SECRETS[platform][name] for name in names if name != names[missing % len(names)]}
    request = senders.sign(platform, SECRETS[platform], b"{}", at=AT)
    assert refused(platform, request, [secret]) == "unconfigured"


@pytest.mark.parametrize("platform", SIGNED)
def test_any_body_can_be_signed_for_any_platform(platform):
    for body in (b"", b"{", b"<xml>", b"\xff"):
        request = senders.sign(platform, SECRETS[platform], body, at=AT)
        assert adapter(platform).verify(request, [SECRETS[platform]], AT).content == body


def test_an_unknown_platform_has_no_adapter_and_no_sender():
    assert platforms.get("telepathy") is None
    with pytest.raises(KeyError):
        senders.sign("telepathy", META, b"", at=AT)
    with pytest.raises(KeyError):
        senders.handshake("webhook", META, "1", at=AT)


@pytest.mark.parametrize("platform", platforms.NAMES)
def test_a_customer_writes_on_every_platform_that_has_messages(platform):
    if platform in senders.WITHOUT_MESSAGES:
        with pytest.raises(ValueError, match=f"{platform} publishes no message"):
            senders.text(platform, SECRETS[platform], "hello", customer="34600111222", at=AT)
    else:
        request = senders.text(platform, SECRETS[platform], "hello", customer="34600111222", at=AT)
        reading = read(platform, request)
        waiting = senders.waiting(platform, "hello", customer="34600111222", at=AT)
        assert bool(reading.pulls) == bool(waiting)
        assert only(pulling.read(tuple(waiting), channel(platform), AT) if waiting else reading).text == "hello"


def test_a_public_key_signs_nothing():
    with pytest.raises(ValueError, match="public key"):
        senders.sign("webhook", {"secret": "whpk_AAAA"}, b"", at=AT)


def test_a_repeated_identity_makes_a_retry_and_none_makes_a_new_message():
    one, two = (senders.facebook_message(META, "hi", customer="1", at=AT) for _ in range(2))
    assert one.body != two.body
    one, two = (senders.facebook_message(META, "hi", customer="1", at=AT, id="m_1") for _ in range(2))
    assert one == two
