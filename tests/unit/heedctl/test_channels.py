"""Channel secrets: written as the vault reads them, replaced without a gap, and never the wrong fields."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from heed import platforms
from heed.rim.vault import Vault
from infra.heedctl import channels
from infra.heedctl.target import Failed, Target

NOW = datetime(2026, 3, 12, tzinfo=UTC)
META = {"app_secret": "a" * 32, "verify_token": "check"}
NEW = {"app_secret": "b" * 32, "verify_token": "check"}


def test_a_secret_is_readable_by_the_vault(target: Target) -> None:
    channels.put(target, "facebook/qinghe", META)
    vault = Vault(lambda: target.client("ssm"), "/heed/channels")
    assert vault.secrets("facebook/qinghe", NOW) == (META,)


def test_the_secret_before_stays_valid_beside_the_new_one(target: Target) -> None:
    channels.put(target, "facebook/qinghe", META)
    assert channels.put(target, "facebook/qinghe", NEW)
    assert channels.stored(target, "facebook/qinghe") == (NEW, META)


def test_setting_the_same_secret_again_keeps_the_one_before(target: Target) -> None:
    channels.put(target, "facebook/qinghe", META)
    channels.put(target, "facebook/qinghe", NEW)
    assert not channels.put(target, "facebook/qinghe", NEW)
    assert channels.stored(target, "facebook/qinghe") == (NEW, META)


def test_a_secret_is_stored_encrypted(target: Target) -> None:
    channels.put(target, "facebook/qinghe", META)
    parameter = target.client("ssm").get_parameter(Name="/heed/channels/facebook/qinghe")["Parameter"]
    assert parameter["Type"] == "SecureString"


MISTAKES = [
    ("facebook/qinghe", {"app_secret": "x"}, "also needs verify_token"),
    ("facebook/qinghe", {**META, "app_secret": ""}, "also needs app_secret"),
    ("facebook/qinghe", {**META, "token": "x"}, "has no field token; choose from app_secret, verify_token"),
    ("wechat/flagship-cn", {"token": "x", "aes": "y"}, "choose from token, encoding_aes_key, appid"),
    ("myspace/tom", {"token": "x"}, "myspace is not a platform; choose from .*facebook"),
]


@pytest.mark.parametrize(("channel", "secret", "complaint"), MISTAKES)
def test_a_secret_with_the_wrong_fields_is_not_stored(
    target: Target, channel: str, secret: dict[str, str], complaint: str
) -> None:
    with pytest.raises(Failed, match=complaint):
        channels.put(target, channel, secret)
    assert target.client("ssm").describe_parameters()["Parameters"] == []


def test_a_channel_without_a_secret_is_told_how_to_get_one(target: Target) -> None:
    with pytest.raises(Failed, match=r"heed secret set webhook/form --field secret=\.\.\."):
        channels.current(target, "webhook/form")


@pytest.mark.parametrize("platform", platforms.NAMES)
def test_a_generated_secret_holds_what_the_platform_needs_and_is_new_each_time(platform: str) -> None:
    first, second = channels.generate(platform), channels.generate(platform)
    assert set(first) <= set(channels.fields_of(platform))
    assert not set(first.values()) & set(second.values())
