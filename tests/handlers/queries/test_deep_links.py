"""Deep links encode queries."""

import re

import pytest

from handlers.queries.deep_links import MAX_PAYLOAD_LENGTH, decode, encode
from handlers.queries.parsing import Alike, Analogy, Find, Query, Similar


@pytest.mark.parametrize(
    "query",
    [
        Similar("boy"),
        Similar("t-shirt"),
        Analogy("man", "men", "woman"),
        Alike("boy", "girl"),
        Find("a dog running"),
        Find("cat + sofa"),
        Find("A dog, on the beach!"),
        Find("собака бежит"),
    ],
)
def test_a_query_round_trips_through_a_payload(query: Query) -> None:
    payload = encode(query)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", payload)
    assert decode(payload) == query


def test_words_that_do_not_fit_are_dropped_at_the_end() -> None:
    payload = encode(Find("a dog " * 40))
    assert len(payload) <= MAX_PAYLOAD_LENGTH
    assert decode(payload) == Find(" ".join(["a dog"] * 10))
    assert encode(Find("x" * 100)) == ""


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "find",
        "find-",
        "find-----",
        "find_A",
        "find_____",
        "similar-two-words",
        "x" * 5_000,
    ],
)
def test_an_invalid_payload_decodes_to_none(payload: str) -> None:
    assert decode(payload) is None
