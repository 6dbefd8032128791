"""The bot's sentences in the languages it speaks: one file of Project Fluent for each.

English is the source: what another language lacks is said in English.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fluent.runtime import FluentBundle, FluentResource

SOURCE = "en"
LOCALES = Path(__file__).with_name("locales")
LANGUAGES = tuple(sorted(file.stem for file in LOCALES.glob("*.ftl")))


class Texts:
    """Every sentence, in one of `LANGUAGES`."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._bundles = tuple(map(_bundle, dict.fromkeys((language, SOURCE))))

    def __call__(self, name: str, /, **values: str | float) -> str:
        """Say a sentence. Values stand in it as they are: what is not ours comes escaped.

        Raises:
            LookupError: no language has a sentence of this name.
        """
        for bundle in self._bundles:
            if bundle.has_message(name) and (pattern := bundle.get_message(name).value):
                return str(bundle.format_pattern(pattern, values)[0])
        raise LookupError(f"there is no sentence named {name!r}")

    def has(self, name: str) -> bool:
        """Tell whether there is a sentence of this name."""
        return any(bundle.has_message(name) for bundle in self._bundles)


@cache
def texts_in(code: str | None) -> Texts:
    """Give the sentences for a language code as Telegram sends them ("de", "pt-br"), English failing all."""
    language = (code or SOURCE).lower().partition("-")[0]
    return Texts(language if language in LANGUAGES else SOURCE)


@cache
def _bundle(language: str) -> FluentBundle:
    bundle = FluentBundle([language], use_isolating=False)
    bundle.add_resource(FluentResource((LOCALES / f"{language}.ftl").read_text(encoding="utf-8")))
    return bundle
