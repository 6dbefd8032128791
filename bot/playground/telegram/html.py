"""Telegram's HTML parse mode: HTML to plain text and entities, or the server's error.

Offsets in error descriptions count UTF-8 bytes, offsets of entities count UTF-16 units.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any, Final

from bot.playground.telegram.api_errors import ApiError, bad_request
from bot.playground.telegram.parameters import Json

ENTITY_TYPES: Final = {
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
NAMED_REFERENCES: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}  # no other names are known


def utf16_length(text: str) -> int:
    """Return the length in UTF-16 units, as Telegram measures text."""
    return len(text.encode("utf-16-le")) // 2


def slice_utf16(text: str, start: int, end: int) -> str:
    """Return the part between two UTF-16 offsets."""
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


@dataclass
class _OpenTag:
    """A start tag without its end tag so far."""

    name: str
    start: int
    attributes: dict[str, str]


@dataclass
class _Parser:
    """The text parsed so far, its entities, and the open tags."""

    source: str
    text: str = ""
    entities: list[Json] = field(default_factory=list)
    open_tags: list[_OpenTag] = field(default_factory=list)

    def parse(self) -> None:
        position = 0
        for token in TOKEN.finditer(self.source):
            self.text += self.source[position : token.start()]
            self._consume(token)
            position = token.end()
        self.text += self.source[position:]
        if self.open_tags:
            raise _error(f'Can\'t find end tag corresponding to start tag "{self.open_tags[-1].name}"')

    def _consume(self, token: re.Match[str]) -> None:
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
            raise _error(f"Unclosed start tag at byte offset {at}")
        if name not in ENTITY_TYPES:
            raise _error(f'Unsupported start tag "{name}" at byte offset {at}')
        if not token["end"]:
            raise _error(f'Unclosed start tag "{name}" at byte offset {at}')
        attributes = _attributes(token["attributes"])
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise _error(f'Tag "span" must have class "tg-spoiler" at byte offset {at}')
        self.open_tags.append(_OpenTag(name, utf16_length(self.text), attributes))

    def _close(self, token: re.Match[str], at: int) -> None:
        name = token["name"].lower()
        if not self.open_tags:
            raise _error(f"Unexpected end tag at byte offset {at}")
        if not token["end"] or token["attributes"].strip():
            raise _error(f"Unclosed end tag at byte offset {at}")
        tag = self.open_tags.pop()
        if name not in ("", tag.name):
            raise _error(
                f'Unmatched end tag at byte offset {at}, expected "</{tag.name}>", found "</{name}>"'
            )
        self._add_entity(tag)

    def _add_entity(self, tag: _OpenTag) -> None:
        length = utf16_length(self.text) - tag.start
        entity: Json = {"type": ENTITY_TYPES[tag.name], "offset": tag.start, "length": length}
        if tag.name == "a":
            entity["url"] = tag.attributes.get("href") or slice_utf16(
                self.text, tag.start, tag.start + length
            )
            if not entity["url"].startswith(("http://", "https://", "tg://", "mailto:", "tel:")):
                return  # Telegram drops links it cannot follow
        elif tag.name == "blockquote" and "expandable" in tag.attributes:
            entity["type"] = "expandable_blockquote"
        elif tag.name == "code" and self.open_tags and self.open_tags[-1].name == "pre":
            self.open_tags[-1].attributes.update(tag.attributes)  # <pre><code class="language-...">
            return
        elif tag.name == "pre" and tag.attributes.get("class", "").startswith("language-"):
            entity["language"] = tag.attributes["class"].removeprefix("language-")
        if length:
            self.entities.append(entity)


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Return the plain text and the entities, outermost first.

    Raises:
        ApiError: the HTML is malformed, or holds a tag that Telegram does not support.
    """
    parser = _Parser(source)
    parser.parse()
    return parser.text, sorted(parser.entities, key=lambda entity: (entity["offset"], -entity["length"]))


def trim(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Strip the white space around a text, as Telegram does, and shift the entities."""
    stripped = text.strip()
    lead = utf16_length(text[: len(text) - len(text.lstrip())])
    end = utf16_length(stripped)
    moved = []
    for entity in entities:
        start = max(entity["offset"] - lead, 0)
        stop = min(entity["offset"] + entity["length"] - lead, end)
        if stop > start:
            moved.append(entity | {"offset": start, "length": stop - start})
    return stripped, moved


def _error(description: str) -> ApiError:
    return bad_request(f"can't parse entities: {description}")


def _character(token: re.Match[str]) -> str:
    reference = token["reference"]
    if reference.startswith("#"):
        return html.unescape(token[0])
    return NAMED_REFERENCES.get(reference, token[0])


def _attributes(source: str) -> dict[str, str]:
    pairs: list[Any] = ATTRIBUTE.findall(source)
    return {name.lower(): html.unescape(value.strip("\"'")) for name, value in pairs}
