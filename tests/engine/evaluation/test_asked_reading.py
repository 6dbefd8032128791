"""How well sentences are read, judged without searching."""

import random

from engine.evaluation.asked_reading import Reading
from engine.evaluation.asked_sentences import (
    INTENTS,
    MIN_SLIP,
    NEGATIONS,
    SETS,
    SLIPS,
    WAYS,
    misspell,
    rows,
)
from engine.results import Intent, IntentKind

CAPTIONS = ("a dog runs on the grass", "two boys play")


def _literally(text: str, language: str) -> Intent:
    return Intent(IntentKind.DESCRIPTION, positive=(text,))


def _first_caption(text: str, language: str) -> Intent:
    return Intent(IntentKind.DESCRIPTION, positive=(CAPTIONS[0],))


def test_who_keeps_every_word_reads_no_way_of_asking_right() -> None:
    by_way = {row["way"]: row["read_right"] for row in Reading(_literally, CAPTIONS, 1).ways("development")}
    assert len(by_way) == len(list(rows("development", WAYS)))
    assert by_way["en show me a photo of {}"] == 0
    assert {row["read_right"] for row in Reading(_first_caption, CAPTIONS, 1).ways("development")} == {1}


def test_each_slip_is_made_once_in_a_long_word() -> None:
    for name, slip in SLIPS.items():
        written = misspell(random.Random(1), "a dog runs on the grass", slip).split()
        changed = [new for new, old in zip(written, CAPTIONS[0].split(), strict=True) if new != old]
        assert len(changed) == 1, name
        assert len(changed[0]) >= MIN_SLIP - 1, name
    assert all(row["read_right"] == 0 for row in Reading(_literally, CAPTIONS, 1).slips())


def test_each_sentence_with_an_intent_is_counted_once() -> None:
    counts = Reading(_literally, CAPTIONS, 1).confusion("development")
    assert sum(row.total() for row in counts.values()) == len(list(rows("development", INTENTS)))
    assert set(counts) == set(IntentKind)


def test_a_negation_is_right_where_both_parts_are_read() -> None:
    def without_people(text: str, language: str) -> Intent:
        return Intent(IntentKind.DESCRIPTION, positive=(text,), negative=("people",))

    literally = Reading(_literally, CAPTIONS, 1).negations("development")
    assert not any(row["right"] for row in literally)
    right = [row for row in Reading(without_people, CAPTIONS, 1).negations("development") if row["right"]]
    assert right
    assert {row["hidden"] for row in right} == {"people"}


def test_no_sentence_is_in_two_sets() -> None:
    for name, field in ((WAYS, 1), (NEGATIONS, 1), (INTENTS, 2)):
        sentences = [row[field].lower() for of_set in SETS for row in rows(of_set, name)]
        assert len(sentences) == len(set(sentences)), name
