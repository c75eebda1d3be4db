"""What is sent to the peers, and how their figures are told."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections import Counter

from tests.benchmarks import scale


def test_every_delivery_of_a_round_is_signed_and_one_in_a_hundred_comes_twice() -> None:
    made = scale.deliveries(1, 200)
    for request in made:
        signed = hmac.digest(scale.SECRET["channel_secret"].encode(), request.body, hashlib.sha256)
        assert request.headers["x-line-signature"] == b64encode(signed).decode()
    ids = Counter(json.loads(request.body)["events"][0]["message"]["id"] for request in made)
    assert (len(ids), sum(times == 2 for times in ids.values())) == (200, 2)


def test_each_customer_writes_twice_in_a_round_and_is_another_in_the_next() -> None:
    def customers(number: int) -> Counter[str]:
        events = [json.loads(request.body)["events"][0] for request in scale.deliveries(number, 20)]
        return Counter(event["source"]["userId"] for event in events)

    first, second = customers(1), customers(2)
    assert set(first.values()) == {2}
    assert not first.keys() & second.keys()


def test_the_least_round_is_told_and_the_ratio_to_the_first_server() -> None:
    heed, other = scale.table({"Heed": [3000.0, 2000.0], "other": [1000.0, 4000.0]}).splitlines()[1:]
    assert heed.split()[1:] == ["2000", "2500", "500", "1.00", "1.00-1.00"]
    assert other.split()[1:] == ["1000", "2500", "1000", "2.00", "0.50-3.00"]
