"""Telegram's HTML, read as its server reads it: plain text and entities out, or a refusal.

Offsets inside refusals count bytes of UTF-8, offsets of entities count units of UTF-16.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any, Final

from bot.playground.telegram.api_errors import bad_request
from bot.playground.telegram.parameters import Json

KINDS: Final = {
    "b": "bold", "strong": "bold",
    "i": "italic", "em": "italic",
    "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "tg-spoiler": "spoiler", "span": "spoiler",
    "code": "code", "pre": "pre", "a": "text_link", "blockquote": "blockquote",
}  # fmt: skip
TOKEN = re.compile(
    r"""<(?P<close>/?)(?P<name>[^\s>]*)(?P<attributes>(?:"[^"]*"|'[^']*'|[^>"'])*)(?P<end>>?)"""
    r"""|&(?P<reference>#?\w+);?"""
)
ATTRIBUTE = re.compile(r"""([^\s=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""")
REFERENCES: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}  # no other names are known


def units(text: str) -> int:
    """Count UTF-16 units, which is how Telegram measures text."""
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, start: int, end: int) -> str:
    """Cut text at UTF-16 offsets."""
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


@dataclass
class _Open:
    """A tag that waits for its end."""

    name: str
    start: int
    attributes: dict[str, str]


@dataclass
class _Reader:
    """The text read so far, its entities, and the tags still open."""

    source: str
    text: str = ""
    entities: list[Json] = field(default_factory=list)
    opened: list[_Open] = field(default_factory=list)

    def read(self) -> None:
        position = 0
        for token in TOKEN.finditer(self.source):
            self.text += self.source[position : token.start()]
            self._take(token)
            position = token.end()
        self.text += self.source[position:]
        if self.opened:
            raise _refuse(f'Can\'t find end tag corresponding to start tag "{self.opened[-1].name}"')

    def _take(self, token: re.Match[str]) -> None:
        at = len(self.source[: token.start()].encode())
        if token["reference"] is not None:
            self.text += _character(token)
        elif token["close"]:
            self._close(token, at)
        else:
            self._open(token, at)

    def _open(self, token: re.Match[str], at: int) -> None:
        name = token["name"].lower()
        if not token["end"] and not token["attributes"]:
            raise _refuse(f"Unclosed start tag at byte offset {at}")
        if name not in KINDS:
            raise _refuse(f'Unsupported start tag "{name}" at byte offset {at}')
        if not token["end"]:
            raise _refuse(f'Unclosed start tag "{name}" at byte offset {at}')
        attributes = _attributes(token["attributes"])
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise _refuse(f'Tag "span" must have class "tg-spoiler" at byte offset {at}')
        self.opened.append(_Open(name, units(self.text), attributes))

    def _close(self, token: re.Match[str], at: int) -> None:
        name = token["name"].lower()
        if not self.opened:
            raise _refuse(f"Unexpected end tag at byte offset {at}")
        if not token["end"] or token["attributes"].strip():
            raise _refuse(f"Unclosed end tag at byte offset {at}")
        tag = self.opened.pop()
        if name not in ("", tag.name):
            raise _refuse(
                f'Unmatched end tag at byte offset {at}, expected "</{tag.name}>", found "</{name}>"'
            )
        self._mark(tag)

    def _mark(self, tag: _Open) -> None:
        length = units(self.text) - tag.start
        entity: Json = {"type": KINDS[tag.name], "offset": tag.start, "length": length}
        if tag.name == "a":
            entity["url"] = tag.attributes.get("href") or cut(self.text, tag.start, tag.start + length)
            if not entity["url"].startswith(("http://", "https://", "tg://", "mailto:", "tel:")):
                return  # Telegram drops links it cannot follow
        elif tag.name == "blockquote" and "expandable" in tag.attributes:
            entity["type"] = "expandable_blockquote"
        elif tag.name == "code" and self.opened and self.opened[-1].name == "pre":
            self.opened[-1].attributes.update(tag.attributes)  # <pre><code class="language-...">
            return
        elif tag.name == "pre" and tag.attributes.get("class", "").startswith("language-"):
            entity["language"] = tag.attributes["class"].removeprefix("language-")
        if length:
            self.entities.append(entity)


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Read HTML into text and entities, outermost first."""
    reader = _Reader(source)
    reader.read()
    return reader.text, sorted(reader.entities, key=lambda entity: (entity["offset"], -entity["length"]))


def trim(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Cut the white space around a text, as Telegram does, and move the entities along."""
    stripped = text.strip()
    lead = units(text[: len(text) - len(text.lstrip())])
    end = units(stripped)
    moved = []
    for entity in entities:
        start = max(entity["offset"] - lead, 0)
        stop = min(entity["offset"] + entity["length"] - lead, end)
        if stop > start:
            moved.append(entity | {"offset": start, "length": stop - start})
    return stripped, moved


def _refuse(words: str) -> Exception:
    return bad_request(f"can't parse entities: {words}")


def _character(token: re.Match[str]) -> str:
    reference = token["reference"]
    if reference.startswith("#"):
        return html.unescape(token[0])
    return REFERENCES.get(reference, token[0])


def _attributes(source: str) -> dict[str, str]:
    found: list[Any] = ATTRIBUTE.findall(source)
    return {name.lower(): html.unescape(value.strip("\"'")) for name, value in found}
