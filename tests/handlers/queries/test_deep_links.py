"""Deep links carry a question there and back."""

import re

import pytest

from handlers.queries.deep_links import LONGEST, payload_of, read
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
def test_a_question_is_read_back_as_it_was(query: Query) -> None:
    payload = payload_of(query)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", payload)
    assert read(payload) == query


def test_words_that_do_not_fit_are_left_out_at_the_end() -> None:
    payload = payload_of(Find("a dog " * 40))
    assert len(payload) <= LONGEST
    assert read(payload) == Find(" ".join(["a dog"] * 10))
    assert payload_of(Find("x" * 100)) == ""


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
def test_what_is_no_question_is_none(payload: str) -> None:
    assert read(payload) is None
