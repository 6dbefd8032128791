"""Every sentence people read."""

import html
import re

import pytest

from engine.results import Caption, Description, GalleryInfo, Match, WordMatch
from handlers import replies

GALLERY = GalleryInfo("the test gallery", 1_234, "Photos by many kind people.")
TAG = re.compile(r"</?(?:b|i|pre|a|blockquote)(?: [^<>]*)?>")
WIDE = "<🐕&" * 2_000  # hostile: markup, and two UTF-16 units a dog


def visible(text: str) -> str:
    """Undo the markup, as Telegram does before it counts."""
    plain = TAG.sub("", text)
    assert "<" not in plain
    assert ">" not in plain
    return html.unescape(plain)


def units(text: str) -> int:
    return len(visible(text).encode("utf-16-le")) // 2


def matches(count: int, confidence: float = 0.9) -> tuple[Match, ...]:
    page = "https://www.flickr.com/photo.gne?id={}&a=b"
    return tuple(Match(f"{n}.jpg", 0.9, page.format(n), confidence) for n in range(count))


def words(count: int, score: float = 0.9) -> tuple[WordMatch, ...]:
    return tuple(WordMatch(f"word{n}", score - n / 100) for n in range(count))


def test_words_are_listed_with_their_scores() -> None:
    text = visible(replies.similar_words("boy", (WordMatch("girl", 0.834), WordMatch("child", 0.5))))
    assert "Words near boy" in text
    assert re.search(r"^girl  0\.83 ▮{7}$", text, re.MULTILINE)
    assert re.search(r"^child 0\.50 ▮{4}$", text, re.MULTILINE)


def test_a_row_of_the_word_table_fits_a_narrow_phone() -> None:
    table = visible(replies.similar_words("boy", (WordMatch("skateboarding", 1.0), WordMatch("boy", 1.0))))
    assert max(map(len, table.splitlines())) <= 30


def test_a_negative_score_has_no_bar_and_does_no_harm() -> None:
    assert "dull 0.00" not in (text := visible(replies.similar_words("boy", (WordMatch("dull", -0.25),))))
    assert re.search(r"^dull -0\.25$", text, re.MULTILINE)


def test_a_riddle_is_answered_in_its_own_words() -> None:
    text = replies.analogy("man", "men", "woman", (WordMatch("women", 0.9), WordMatch("girls", 0.6)))
    assert text.startswith("man is to men as woman is to <b>women</b>")
    assert "girls" in text


def test_weak_answers_say_so_and_strong_ones_do_not() -> None:
    weak, strong = words(3, 0.1), words(3, 0.9)
    assert "not sure" in replies.similar_words("boy", weak)
    assert "not sure" not in replies.similar_words("boy", strong)
    assert "not sure" in replies.analogy("a", "b", "c", weak)
    assert "not sure" in replies.lookalikes(matches(3, 0.05))
    assert "not sure" not in replies.lookalikes(matches(3, 0.95))
    assert "not sure" in replies.found("a dog", matches(3, 0.05), GALLERY)
    assert "not sure" in replies.description(Description((Caption("a dog", 0.9, 0.05),), ()), GALLERY)
    assert "not sure" not in replies.description(Description((Caption("a dog", 0.1, 0.9),), ()), GALLERY)


def test_a_photo_is_described_best_first_with_the_gallery_credited() -> None:
    said = (Caption("a dog runs", 0.8), Caption("a dog plays", 0.5))
    text = visible(replies.description(Description(said, matches(2)), GALLERY))
    assert text.index("A dog runs.") < text.index("A dog plays.") < text.index("Photos by many kind people.")


def test_nothing_found_is_a_sentence() -> None:
    assert "no photos" in replies.found("a dog", (), GALLERY)
    assert "no photos" in replies.description(Description((Caption("a dog", 0.1, 0.9),), ()), GALLERY)
    assert "no words" in replies.similar_words("boy", ())
    assert "no words" in replies.analogy("a", "b", "c", ())
    assert replies.description(Description((), ()), GALLERY)


def test_an_album_lists_every_match_with_score_and_source() -> None:
    text = replies.found("a dog", matches(3), GALLERY)
    assert text.count("0.90") == 3
    assert '<a href="https://www.flickr.com/photo.gne?id=2&amp;a=b">0.' in text
    assert "href" not in replies.found("a dog", (Match("1.jpg", 0.9),), GALLERY)


def test_plain_text_answers_end_with_what_else_can_be_asked() -> None:
    assert "/find boy" in replies.similar_words("boy", words(2), hint=True)
    assert "a dog running" in replies.analogy("a", "b", "c", words(2), hint=True)
    assert "man:men::woman:?" in replies.found("a dog", matches(2), GALLERY, hint=True)


def test_what_people_write_is_shown_and_never_obeyed() -> None:
    assert "<b>&lt;i&gt;</b>" in replies.similar_words("<i>", words(1))
    assert "&lt;i&gt;" in replies.found("<i>", matches(2), GALLERY)
    assert "&lt;i&gt;" in replies.error("no <i>")
    assert "&lt;i&gt;" in replies.unknown_command("<i>")


def test_messages_stay_within_4096_units_whatever_they_are_about() -> None:
    many = tuple(WordMatch(WIDE, 0.1) for _ in range(10))
    said = tuple(Caption(WIDE, 0.01) for _ in range(10))
    gallery = GalleryInfo(WIDE, 10**9, WIDE)
    for text in (
        replies.similar_words(WIDE, many, hint=True),
        replies.analogy(WIDE, WIDE, WIDE, many, hint=True),
        replies.description(Description(said, matches(10)), gallery),
        replies.error(WIDE),
        replies.unknown_command(WIDE),
        replies.START,
        replies.HELP,
        replies.PRIVACY,
    ):
        assert units(text) <= 4_096


def test_album_captions_stay_within_1024_units_whatever_they_are_about() -> None:
    gallery = GalleryInfo(WIDE, 10**9, WIDE)
    assert units(replies.found(WIDE, matches(10, -0.111), gallery, hint=True)) <= 1_024
    assert units(replies.lookalikes(matches(10, -0.111))) <= 1_024


@pytest.mark.parametrize(("text", "cut"), [("abc", "abc"), ("abcd", "ab…"), ("a🐕b", "a…"), ("🐕", "🐕")])
def test_a_text_is_never_cut_through_a_character(text: str, cut: str) -> None:
    assert replies.shortened(text, 3) == cut


def test_a_misspelt_command_is_met_with_the_right_one() -> None:
    assert "Did you mean /similar?" in replies.unknown_command("simlar")
    assert "Did you mean" not in replies.unknown_command("xyzzy")


def test_the_menu_is_within_telegrams_limits() -> None:
    for command, does in replies.MENU:
        assert re.fullmatch(r"[a-z0-9_]{1,32}", command)
        assert 1 <= len(does) <= 256


def test_alerts_fit_a_callback_answer() -> None:
    assert len(replies.EXPIRED) <= 200
