"""The engine's errors as plain sentences, for the HTTP API and the command line."""

from __future__ import annotations

from engine.errors import EngineError
from handlers.i18n.texts import SOURCE_LANGUAGE, texts_in


def error_sentence(error: EngineError, language: str = SOURCE_LANGUAGE) -> str:
    """Return the sentence of an error's key, or the error's own message if it has no key. No HTML."""
    texts = texts_in(language)
    return texts(error.key, **error.values) if texts.has(error.key) else str(error)
