"""The engine's errors as plain sentences, for the HTTP API and the command line."""

from __future__ import annotations

from engine.errors import EngineError
from handlers.i18n.samples import AFTER_ERRORS, SAMPLES
from handlers.i18n.texts import SOURCE_LANGUAGE, texts_in


def error_sentence(error: EngineError, language: str = SOURCE_LANGUAGE) -> str:
    """Return the sentence of an error's key, or the error's own message if it has no key. No HTML.

    Where samples follow as buttons in a chat, they end the sentence.
    """
    texts = texts_in(language)
    if not texts.has(error.key):
        return str(error)
    sentence = texts(error.key, **error.values)
    if not sentence.endswith(":"):
        return sentence
    names = [name for row in AFTER_ERRORS.get(error.key, ()) for name in row if name in SAMPLES]
    return f"{sentence} {', '.join(texts(SAMPLES[name]) for name in names)}"
