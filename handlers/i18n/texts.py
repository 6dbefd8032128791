"""The bot's sentences, localised with Project Fluent: one `.ftl` file a language.

English is the source language and the fallback for messages that another language lacks.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fluent.runtime import FluentBundle, FluentResource

SOURCE_LANGUAGE = "en"
LOCALES = Path(__file__).with_name("locales")
LANGUAGES = tuple(sorted(file.stem for file in LOCALES.glob("*.ftl")))


class Texts:
    """The sentences of one of `LANGUAGES`."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._bundles = tuple(map(_bundle, dict.fromkeys((language, SOURCE_LANGUAGE))))

    def __call__(self, key: str, /, **values: str | float) -> str:
        """Format the message with this key.

        Values are inserted as they are: the caller escapes text that is not the bot's own.

        Raises:
            LookupError: no language has a message with this key.
        """
        for bundle in self._bundles:
            if bundle.has_message(key) and (pattern := bundle.get_message(key).value):
                return str(bundle.format_pattern(pattern, values)[0])
        raise LookupError(f"there is no sentence with the key {key!r}")

    def has(self, key: str) -> bool:
        """Return whether any language has a message with this key."""
        return any(bundle.has_message(key) for bundle in self._bundles)


@cache
def texts_in(language_code: str | None) -> Texts:
    """Return the sentences for a language code of Telegram's ("de", "pt-br"); English for unknown ones."""
    language = (language_code or SOURCE_LANGUAGE).lower().partition("-")[0]
    return Texts(language if language in LANGUAGES else SOURCE_LANGUAGE)


@cache
def _bundle(language: str) -> FluentBundle:
    bundle = FluentBundle([language], use_isolating=False)
    bundle.add_resource(FluentResource((LOCALES / f"{language}.ftl").read_text(encoding="utf-8")))
    return bundle
