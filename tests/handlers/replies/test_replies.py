"""The texts of answers."""

import html
import re
from datetime import UTC, datetime

import pytest
from telegram import Chat, Message

from engine.errors import EngineError
from engine.results import Caption, Explanation, GalleryInfo, Match, Tag, WordMatch
from handlers.i18n.texts import LANGUAGES, texts_in
from handlers.messages.html import truncate
from handlers.queries.subject import Subject
from handlers.replies import general, photos
from handlers.replies.inline import inline_caption
from handlers.replies.words import analogy, similar_words

EN = texts_in("en")

MESSAGE = Message(1, datetime.now(UTC), Chat(1, "private"))
PHOTO, WORDS, GALLERY_IMAGE = Subject(MESSAGE), Subject(words="a dog"), Subject(image="AAAAAAAAAAA")
CAPTION, WEAK_CAPTION = Caption("a dog runs", 0.9, 0.9), Caption("a dog runs", 0.9, 0.05)
GALLERY = GalleryInfo("the test gallery", 1_234, "Photos by many kind people.")
TAG = re.compile(r"</?(?:b|i|pre|a|code|blockquote)(?: [^<>]*)?>")
HOSTILE = "<🐕&" * 2_000  # markup, and two UTF-16 units a dog


def visible(text: str) -> str:
    """Remove the markup, as Telegram does before it counts."""
    plain = TAG.sub("", text)
    assert "<" not in plain
    assert ">" not in plain
    return html.unescape(plain)


def units(text: str) -> int:
    return len(visible(text).encode("utf-16-le")) // 2


def test_a_lone_surrogate_becomes_a_question_mark() -> None:
    assert truncate("a\ud83d", 30) == "a?"
    assert truncate("a\ud83d" * 30, 4) == "a?a…"


def matches(count: int, confidence: float = 0.9) -> tuple[Match, ...]:
    page = "https://www.flickr.com/photo.gne?id={}&a=b"
    return tuple(Match(f"{n}.jpg", 0.9, page.format(n), confidence) for n in range(count))


BURSTS = tuple(
    Match(f"a/very/long/folder/{n}.jpg", 0.9, confidence=0.05, near_duplicates=("a.jpg",) * 1_234)
    for n in range(10)
)


def words(count: int, score: float = 0.9) -> tuple[WordMatch, ...]:
    return tuple(WordMatch(f"word{n}", score - n / 100) for n in range(count))


def test_words_are_listed_with_their_scores() -> None:
    text = visible(similar_words(EN, "boy", (WordMatch("girl", 0.834), WordMatch("child", 0.5))))
    assert "Words near boy" in text
    assert re.search(r"^girl  0\.83 ▮{7}$", text, re.MULTILINE)
    assert re.search(r"^child 0\.50 ▮{4}$", text, re.MULTILINE)


def test_a_row_of_the_word_table_fits_a_narrow_phone() -> None:
    table = visible(similar_words(EN, "boy", (WordMatch("skateboarding", 1.0), WordMatch("boy", 1.0))))
    assert max(map(len, table.splitlines())) <= 30


def test_a_negative_score_has_no_bar_and_does_no_harm() -> None:
    assert "dull 0.00" not in (text := visible(similar_words(EN, "boy", (WordMatch("dull", -0.25),))))
    assert re.search(r"^dull -0\.25$", text, re.MULTILINE)


def test_an_analogy_is_answered_as_a_sentence() -> None:
    text = analogy(EN, "man", "men", "woman", (WordMatch("women", 0.9), WordMatch("girls", 0.6)))
    assert text.startswith("man is to men as woman is to <b>women</b>")
    assert "girls" in text


def test_only_weak_answers_are_marked_as_weak() -> None:
    weak, strong = words(3, 0.1), words(3, 0.9)
    assert "not sure" in similar_words(EN, "boy", weak)
    assert "not sure" not in similar_words(EN, "boy", strong)
    assert "not sure" in analogy(EN, "a", "b", "c", weak)
    assert "not sure" in photos.album_caption(EN, PHOTO, matches(3, 0.05))
    assert "not sure" not in photos.album_caption(EN, PHOTO, matches(3, 0.95))
    assert "not sure" in photos.photo_answer(EN, PHOTO, WEAK_CAPTION, GALLERY)
    assert "not sure" not in photos.photo_answer(EN, PHOTO, CAPTION, GALLERY)
    assert photos.caption_line(EN, WEAK_CAPTION) == "Perhaps: A dog runs."
    assert photos.caption_line(EN, CAPTION) == "A dog runs."


def test_a_photo_is_described_with_the_gallery_credited() -> None:
    text = visible(photos.photo_answer(EN, PHOTO, CAPTION, GALLERY, notes=["A note."]))
    assert text.index("A note.") < text.index("A dog runs.") < text.index("Photos by many kind people.")


def test_an_empty_result_is_a_sentence() -> None:
    assert "no photos" in photos.search_answer(EN, WORDS, GALLERY, matched=False)
    assert "out of reach" in photos.photo_answer(EN, PHOTO, CAPTION, GALLERY, matched=False)
    assert "no words" in photos.photo_answer(EN, PHOTO, None, GALLERY)
    assert "no words" in photos.caption_line(EN, None)
    assert "no words" in photos.tag_list(EN, ())
    assert "no words" in similar_words(EN, "boy", ())
    assert "no words" in analogy(EN, "a", "b", "c", ())


def test_an_album_caption_has_a_title_scores_and_sources() -> None:
    text = photos.album_caption(EN, WORDS, matches(3))
    assert text.startswith("<b>Photos for</b> <code>a dog</code>\n")
    assert text.count("0.90") == 3
    assert '<a href="https://www.flickr.com/photo.gne?id=2&amp;a=b">0.' in text
    assert "(11–13)" in photos.album_caption(EN, GALLERY_IMAGE, matches(3), 10)


def test_a_match_without_a_source_shows_the_end_of_its_path() -> None:
    text = photos.album_caption(EN, WORDS, (Match("a.jpg", 0.91), Match("some/<where>/in/two_dogs.jpg", 0.8)))
    assert "href" not in text
    assert "0.91 a.jpg" in text
    assert "0.80 …re>/in/two_dogs.jpg" in visible(text)


def test_an_album_of_named_matches_stays_within_1024_units() -> None:
    many = tuple(Match(HOSTILE, -0.25, None, 0.1) for _ in range(10))
    assert units(photos.album_caption(EN, Subject(words=HOSTILE), many)) <= 1_024


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        (PHOTO, "Most like your photo"),
        (Subject(MESSAGE, "the dog"), "Most like your photo, above all in the dog"),
        (Subject(MESSAGE, "- grass + beach"), "Like your photo, but - grass + beach"),
        (Subject(MESSAGE, "t-shirt"), "Most like your photo, above all in t-shirt"),
        (WORDS, "Photos for a dog"),
        (GALLERY_IMAGE, "Most like the photo you chose"),
    ],
)
def test_an_answer_says_what_was_searched_for(subject: Subject, title: str) -> None:
    assert visible(photos.album_caption(EN, subject, matches(2))).splitlines()[0] == title
    if subject is not PHOTO:
        format_answer = photos.photo_answer if subject.photo else photos.search_answer
        arguments = (EN, subject, CAPTION, GALLERY) if subject.photo else (EN, subject, GALLERY)
        assert title in visible(format_answer(*arguments)).splitlines()


def test_photos_of_an_album_are_numbered_and_so_are_their_matches() -> None:
    text = visible(photos.media_group_answer(EN, ["A dog.", "A cat."], GALLERY, matched=True))
    assert "1. A dog.\n2. A cat." in text
    one, three = matches(2)
    assert "1: 0.90 · 3: 0.90" in visible(photos.best_matches_caption(EN, [(1, one), (3, three)]))


def test_tags_and_explanations_are_formatted() -> None:
    found = (Tag("dog", 0.414, spoken=True), Tag("<i>", 0.2, spoken=False))
    assert photos.tag_list(EN, found).endswith("dog 0.41 · &lt;i&gt; 0.20")
    assert "A dog runs." in photos.explanation_caption(EN, Explanation("a dog runs", b""))


def test_answers_to_plain_text_end_with_a_hint() -> None:
    assert "/find boy" in similar_words(EN, "boy", words(2), hint=True)
    assert "a dog running" in analogy(EN, "a", "b", "c", words(2), hint=True)
    assert "man:men::woman:?" in photos.search_answer(EN, WORDS, GALLERY, hint=True)


def test_user_input_is_escaped() -> None:
    assert "<b>&lt;i&gt;</b>" in similar_words(EN, "<i>", words(1))
    assert "<code>&lt;i&gt;</code>" in photos.search_answer(EN, Subject(words="<i>"), GALLERY)
    assert "<code>&lt;i&gt;</code>" in photos.album_caption(EN, Subject(words="<i>"), matches(2))
    assert "&lt;i&gt;" in general.error(EN, EngineError("no <i>"))
    assert "&lt;i&gt;" in general.unknown_command(EN, "<i>")


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_stay_within_4096_units_whatever_they_are_about(language: str) -> None:
    texts = texts_in(language)
    many = tuple(WordMatch(HOSTILE, 0.1) for _ in range(10))
    gallery = GalleryInfo(HOSTILE, 10**9, HOSTILE)
    for text in (
        similar_words(texts, HOSTILE, many, hint=True),
        analogy(texts, HOSTILE, HOSTILE, HOSTILE, many, hint=True),
        photos.photo_answer(
            texts, Subject(MESSAGE, HOSTILE), Caption(HOSTILE, 0.01, 0.01), gallery, notes=["A note."] * 2
        ),
        photos.search_answer(texts, Subject(words=HOSTILE), gallery, hint=True),
        photos.media_group_answer(
            texts, [photos.caption_line(texts, Caption(HOSTILE, 0.01, 0.01))] * 10, gallery, matched=True
        ),
        photos.tag_list(texts, [Tag(HOSTILE, -0.111, spoken=True)] * 10),
        general.error(texts, EngineError(HOSTILE)),
        general.unknown_command(texts, HOSTILE),
        texts("start"),
        texts("help"),
        texts("privacy"),
    ):
        assert units(text) <= 4_096


@pytest.mark.parametrize("language", LANGUAGES)
def test_album_captions_stay_within_1024_units_whatever_they_are_about(language: str) -> None:
    texts = texts_in(language)
    for subject in (Subject(words=HOSTILE), Subject(MESSAGE, HOSTILE), PHOTO, GALLERY_IMAGE):
        assert units(photos.album_caption(texts, subject, matches(10, 0.05), 40)) <= 1_024
        assert units(photos.album_caption(texts, subject, BURSTS, 40)) <= 1_024
    assert units(photos.best_matches_caption(texts, list(enumerate(matches(10), 1)))) <= 1_024
    assert units(photos.explanation_caption(texts, Explanation(HOSTILE, b""))) <= 1_024


@pytest.mark.parametrize(("text", "cut"), [("abc", "abc"), ("abcd", "ab…"), ("a🐕b", "a…"), ("🐕", "🐕")])
def test_text_is_truncated_between_characters(text: str, cut: str) -> None:
    assert truncate(text, 3) == cut


def test_a_misspelt_command_gets_a_suggestion() -> None:
    assert "Did you mean /similar?" in general.unknown_command(EN, "simlar")
    assert "Did you mean" not in general.unknown_command(EN, "xyzzy")


def test_the_menu_is_within_telegrams_limits() -> None:
    for command, does in general.menu(EN):
        assert re.fullmatch(r"[a-z0-9_]{1,32}", command)
        assert 1 <= len(does) <= 256


def test_alerts_fit_a_callback_answer() -> None:
    assert all(len(EN(name)) <= 200 for name in ("expired", "thanks-up", "thanks-down"))


def like(count: int) -> Match:
    """A match with so many near-duplicates."""
    return Match("a.jpg", 0.91, near_duplicates=tuple(f"{n}.jpg" for n in range(count)))


def test_near_duplicates_are_counted_behind_their_photo() -> None:
    album = (like(11), Match("b.jpg", 0.8), like(1))
    scores = visible(photos.album_caption(EN, WORDS, album)).splitlines()[1]
    assert scores == "0.91 a.jpg (and 11 like it) · 0.80 b.jpg · 0.91 a.jpg (and one like it)"
    assert "1: 0.91 a.jpg (and 11 like it)" in visible(photos.best_matches_caption(EN, [(1, like(11))]))
    assert visible(inline_caption(EN, "a dog", like(11))) == "“a dog” (and 11 like it)"
    random_photos = general.random_photos(EN, GALLERY, [Match("b.jpg", 0.0), like(11)])
    assert "2: (and 11 like it)" in visible(random_photos)


@pytest.mark.parametrize("language", LANGUAGES)
def test_near_duplicates_are_counted_in_every_language(language: str) -> None:
    one, few, many = (photos.near_duplicates_note(texts_in(language), like(count)) for count in (1, 3, 11))
    assert "3" in few[0]
    assert "11" in many[0]
    assert "{" not in f"{one}{few}{many}"
    assert photos.near_duplicates_note(texts_in(language), like(0)) == ()
