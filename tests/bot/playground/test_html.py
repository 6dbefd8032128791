"""HTML is parsed as Telegram's server parses it; entities count UTF-16 units."""

from __future__ import annotations

import pytest

from bot.playground.telegram.api_errors import ApiError
from bot.playground.telegram.entities import add_detected
from bot.playground.telegram.html import parse_html, trim


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("", "", []),
        ("a &lt;b&gt; &amp; &quot;c&quot; &#39;d&#x27; &nbsp;", "a <b> & \"c\" 'd' &nbsp;", []),
        ("<b>x</b><strong>y</strong>", "xy", [("bold", 0, 1), ("bold", 1, 1)]),
        ("<i>x</i><u>y</u><s>z</s>", "xyz", [("italic", 0, 1), ("underline", 1, 1), ("strikethrough", 2, 1)]),
        ("😀<b>😀</b>", "😀😀", [("bold", 2, 2)]),
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("<B>x</b>", "x", [("bold", 0, 1)]),
        ("<b></b>x", "x", []),
        ("<code>x</code><blockquote>y</blockquote>", "xy", [("code", 0, 1), ("blockquote", 1, 1)]),
        ("<blockquote expandable>y</blockquote>", "y", [("expandable_blockquote", 0, 1)]),
        ("<tg-spoiler>x</tg-spoiler>", "x", [("spoiler", 0, 1)]),
        ('<span class="tg-spoiler">x</span>', "x", [("spoiler", 0, 1)]),
        ("<a href='https://a.org/?a>b'>x</a>", "x", [("text_link", 0, 1)]),
        ("<a href='javascript:alert()'>x</a>", "x", []),
        ("<a>nowhere</a>", "nowhere", []),
        ('<pre><code class="language-python">x</code></pre>', "x", [("pre", 0, 1)]),
    ],
)
def test_markup_becomes_text_and_entities(
    source: str, text: str, entities: list[tuple[str, int, int]]
) -> None:
    said, found = parse_html(source)
    assert said == text
    assert [(entity["type"], entity["offset"], entity["length"]) for entity in found] == entities


def test_a_link_keeps_its_address_and_code_its_language() -> None:
    assert parse_html('<a href="https://a.org/?x&amp;y">x</a>')[1][0]["url"] == "https://a.org/?x&y"
    assert parse_html('<pre><code class="language-python">x</code></pre>')[1][0]["language"] == "python"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("é<b>x</i>", 'Unmatched end tag at byte offset 6, expected "</b>", found "</i>"'),
        ("é<boy>", 'Unsupported start tag "boy" at byte offset 2'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<a href", 'Unclosed start tag "a" at byte offset 0'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_bad_markup_is_refused_in_telegrams_words(source: str, words: str) -> None:
    with pytest.raises(ApiError) as refusal:
        parse_html(source)
    assert refusal.value.description == f"Bad Request: can't parse entities: {words}"


def test_white_space_around_a_text_goes_and_entities_move_along() -> None:
    text, entities = trim("\n😀 <x> ", [{"type": "bold", "offset": 0, "length": 9}])
    assert (text, entities) == ("😀 <x>", [{"type": "bold", "offset": 0, "length": 6}])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start", [("bot_command", 0, 6)]),
        ("/caption@kindred_bot please", [("bot_command", 0, 20)]),
        ("😀 /help.", [("bot_command", 3, 5)]),
        ("and/or man:men::woman:? a/b", []),
        ("see https://a.org/b?c=/d, @someone #tag", [("url", 4, 20), ("mention", 26, 8), ("hashtag", 35, 4)]),
        ("write to a.b@c.org", [("email", 9, 9)]),
    ],
)
def test_telegram_finds_commands_links_and_mentions(text: str, found: list[tuple[str, int, int]]) -> None:
    entities = add_detected(text, [])
    assert [(entity["type"], entity["offset"], entity["length"]) for entity in entities] == found


def test_nothing_is_found_inside_code() -> None:
    marked = [{"type": "code", "offset": 0, "length": 5}]
    assert add_detected("/help", marked) == marked
