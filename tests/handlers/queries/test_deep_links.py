"""Deep links encode commands of words."""

import base64
import re

import pytest

from handlers.queries.deep_links import MAX_PAYLOAD_LENGTH, decode, encode


@pytest.mark.parametrize(
    "command",
    [
        "/similar boy",
        "/similar t-shirt",
        "/analogy man men woman",
        "/alike boy girl",
        "/find a dog running",
        "/find cat + sofa",
        "/find A dog, on the beach!",
        "/find собака бежит",
    ],
)
def test_a_command_round_trips_through_a_payload(command: str) -> None:
    payload = encode(command)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", payload)
    assert decode(payload) == command


def test_words_that_do_not_fit_are_dropped_at_the_end() -> None:
    payload = encode("/find " + "a dog " * 40)
    assert len(payload) <= MAX_PAYLOAD_LENGTH
    assert decode(payload) == "/find " + " ".join(["a dog"] * 10)
    assert encode("/find " + "x" * 100) == ""


def test_signs_that_nobody_sees_are_dropped_from_a_payload() -> None:
    assert decode("find_" + base64.urlsafe_b64encode(b"a\x00 dog\n").decode().rstrip("=")) == "/find a dog"


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "find",
        "find-",
        "find-----",
        "find_A",
        "find_____",
        "settings-boy",
        "x" * 5_000,
    ],
)
def test_an_invalid_payload_decodes_to_none(payload: str) -> None:
    assert decode(payload) is None
