"""What every platform's reader is made of."""

from heed.platforms import fields


def test_a_part_is_written_as_a_delivery_of_its_own():
    assert fields.delivery({"events": ["hi", 1]}, b"whole") == b'{"events":["hi",1]}'


def test_a_part_nested_too_deep_to_be_written_stays_in_the_whole_delivery():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert fields.delivery(deep, b"whole") == b"whole"
