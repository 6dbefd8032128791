"""Stop words: which words name something visible, and which only hold a sentence together."""

from __future__ import annotations

from engine.model.vocabulary import SPECIALS, Vocabulary

# The closed word classes of English, as far as captions use them. Numbers count as content: they are visible.
_CLOSED = """
    a an the this that these those each every some any both all many several other others another
    he she it they him her them his its their himself herself itself themselves you your we i my our
    someone something who whose which what where when there here one
    is are was were be been being am has have had having do does did doing get gets getting got
    can will would could may
    and or but as while whilst if than so not no very too also just
    in on at of to with by for from into onto through over under up down out off near behind beside
    besides between among along around across against about above below beneath after before during
    inside outside within without toward towards upon past like next back away together apart 's
"""
FUNCTION_WORDS = frozenset(_CLOSED.split())


def is_content(word: str) -> bool:
    """Return True for a word, lower case, that means something on its own."""
    return word not in FUNCTION_WORDS and word not in SPECIALS


def content_token_ids(vocabulary: Vocabulary, count: int) -> list[int]:
    """Return the token ids of the most frequent content words of the output vocabulary, in that order."""
    output_words = enumerate(vocabulary.words[: vocabulary.output_size])
    return [token_id for token_id, word in output_words if is_content(word)][:count]
