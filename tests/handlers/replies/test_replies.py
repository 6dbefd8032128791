"""The texts of answers."""

import html
import re
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from telegram import Chat, Message

from engine.errors import EngineError
from engine.results import (
    Caption,
    Explanation,
    GalleryInfo,
    Match,
    Recognised,
    Tag,
    WordMatch,
    WordSimilarity,
)
from handlers.i18n.texts import LANGUAGES, texts_in
from handlers.messages.html import truncate
from handlers.queries.subject import Subject
from handlers.replies import general, photos
from handlers.replies.inline import inline_caption
from handlers.replies.photos import PhotoReading
from handlers.replies.words import analogy, similar_words, word_similarity

EN = texts_in("en")

MESSAGE = Message(1, datetime.now(UTC), Chat(1, "private"))
PHOTO, WORDS, GALLERY_IMAGE = Subject(MESSAGE), Subject(words="a dog"), Subject(image="AAAAAAAAAAA")
CAPTION, WEAK_CAPTION = Caption("a dog runs", 0.9, 0.9), Caption("a dog runs", 0.9, 0.05)
GALLERY = GalleryInfo("the test gallery", 1_234, "Photos by many kind people.")
TAG = re.compile(r"</?(?:b|i|pre|a|code|blockquote)(?: [^<>]*)?>")
HOSTILE = "<🐕&" * 2_000  # markup, and two UTF-16 units a dog


def numbered(matches: Sequence[Match], before: int = 0) -> list[tuple[int, Match]]:
    """Number the matches of a page with so many matches on the pages before."""
    return list(enumerate(matches, before + 1))


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


def test_words_are_listed_by_their_closeness() -> None:
    near = (WordMatch("girl", 0.834), WordMatch("kid", 0.7), WordMatch("man", 0.5), WordMatch("<i>", 0.3))
    assert visible(similar_words(EN, "boy", near)).splitlines() == [
        "Words close to boy",
        "Very close: girl, kid",
        "Close: man",
        "Loosely related: <i>",
    ]


def test_words_have_numbers_for_those_who_chose_them() -> None:
    near = (WordMatch("girl", 0.834), WordMatch("dull", -0.25))
    assert "girl 0.83 · dull -0.25" in similar_words(EN, "boy", near, numbers=True)
    assert "women 0.90 · girls 0.60" in analogy(
        EN, "man", "men", "woman", (WordMatch("women", 0.9), WordMatch("girls", 0.6)), numbers=True
    )
    text = word_similarity(EN, WordSimilarity("dog", "cat", 0.69, 87.2), numbers=True)
    assert "0.69. The higher the number, the closer the match." in text


def test_an_analogy_is_answered_as_a_sentence() -> None:
    text = analogy(EN, "man", "men", "woman", (WordMatch("women", 0.9), WordMatch("girls", 0.6)))
    assert text == "man is to men as woman is to <b>women</b>\nAlso close: girls"


@pytest.mark.parametrize(
    ("percentile", "verdict"),
    [
        (100, "very much alike, closer than 99 of 100 random pairs."),
        (93, "quite alike, closer than 93 of 100 random pairs."),
        (87.2, "not much alike: closer than 87 of 100 random pairs."),
        (3, "not alike: closer than 3 of 100 random pairs."),
    ],
)
def test_two_words_are_compared_with_random_pairs(percentile: float, verdict: str) -> None:
    text = visible(word_similarity(EN, WordSimilarity("dog", "cat", 0.69, percentile)))
    assert text == f"dog and cat: {verdict}"


def test_only_weak_answers_are_marked_as_weak() -> None:
    weak, strong = words(3, 0.1), words(3, 0.9)
    assert "not sure" in similar_words(EN, "boy", weak)
    assert "not sure" not in similar_words(EN, "boy", strong)
    assert "not sure" in analogy(EN, "a", "b", "c", weak)
    doubt = "I don't think I have"
    for subject in (PHOTO, WORDS, GALLERY_IMAGE):
        assert doubt in photos.album_caption(EN, subject, numbered(matches(3, 0.05)), GALLERY)
        assert doubt not in photos.album_caption(EN, subject, numbered(matches(3, 0.95)), GALLERY)


@pytest.mark.parametrize("subject", [PHOTO, WORDS, GALLERY_IMAGE])
def test_a_later_page_does_not_deny_what_the_first_one_had(subject: Subject) -> None:
    page = visible(
        photos.album_caption(EN, subject, numbered(matches(2, 0.05), 10), GALLERY, is_first_page=False)
    )
    assert page.startswith("Loosely related: 11")


def test_a_guess_is_not_shown_as_a_caption_but_things_in_the_photo_are() -> None:
    tags = (Tag("kitchen", 0.5, spoken=True), Tag("<i>", 0.4, spoken=False), Tag("dog", 0.1, spoken=True))
    assert (
        photos.photo_line(EN, PhotoReading(WEAK_CAPTION, tags)) == "I can't tell. I see kitchen, &lt;i&gt;."
    )
    assert photos.photo_line(EN, PhotoReading(WEAK_CAPTION, tags[2:])) == "I can't tell what this is."
    assert photos.photo_line(EN, PhotoReading(None)) == "I can't tell what this is."
    assert photos.photo_line(EN, PhotoReading(CAPTION, tags)) == "A dog runs."
    asked_for = photos.other_caption(EN, PHOTO, WEAK_CAPTION)
    assert asked_for == "It could be this:\n<b>A dog runs.</b>"


def test_a_photo_of_the_gallery_is_recognised_with_its_page() -> None:
    (known,) = matches(1)
    text = photos.photo_answer(EN, PHOTO, PhotoReading(CAPTION, known=known), notes=["A note."])
    page = "https://www.flickr.com/photo.gne?id=0&amp;a=b"
    assert text == f'<i>A note.</i>\n<b>A dog runs.</b>\nI know this one: <a href="{page}">its page</a>'
    named = photos.photo_answer(EN, PHOTO, PhotoReading(CAPTION, known=Match("<a>/b.jpg", 1.0)))
    assert named.endswith("I know this one: &lt;a&gt;/b.jpg")


def test_an_empty_result_is_a_sentence() -> None:
    reading = PhotoReading(CAPTION)
    assert "no photos" in photos.search_answer(EN, WORDS, matched=False)
    assert "out of reach" in photos.photo_answer(EN, PHOTO, reading, matched=False)
    assert "no words" in photos.tag_list(EN, ())
    assert "no words" in similar_words(EN, "boy", ())
    assert "no words" in analogy(EN, "a", "b", "c", ())


def test_an_album_has_its_closeness_with_links_and_one_short_credit() -> None:
    found = (*matches(2), *matches(1, 0.5), Match("3.jpg", 0.9, None, 0.1))
    lines = photos.album_caption(EN, WORDS, numbered(found), GALLERY).splitlines()
    assert lines[0].startswith(
        'Very close: <a href="https://www.flickr.com/photo.gne?id=0&amp;a=b">1</a>, <a'
    )
    assert [visible(line) for line in lines[1:]] == [
        "Close: 3",
        "Loosely related: 4 3.jpg",
        "Photos: the test gallery. Photos by many kind people. Tap a number for its page.",
    ]


def test_an_album_has_numbers_for_those_who_chose_them() -> None:
    text = visible(photos.album_caption(EN, WORDS, numbered(matches(3)), GALLERY, numbers=True))
    assert text.splitlines()[0] == "0.90 · 0.90 · 0.90"
    best = photos.best_matches_caption(EN, [(1, matches(1)[0]), (3, matches(2)[1])], GALLERY, numbers=True)
    assert "1: 0.90 · 3: 0.90" in visible(best)


def test_a_page_counts_on_from_the_one_before() -> None:
    assert visible(
        photos.album_caption(EN, WORDS, numbered(matches(2), 10), GALLERY, is_first_page=False)
    ).startswith("Very close: 11, 12\n")
    page = photos.page_numbers(EN, 11, 12)
    assert visible(photos.search_answer(EN, WORDS, page=page)) == "Photos of a dog (11–12)"


@pytest.mark.parametrize(("language", "credited"), [("de", "von ihren Urhebern"), ("ru", "права у авторов")])
def test_a_known_gallery_is_credited_in_the_readers_language(language: str, credited: str) -> None:
    flickr8k = GalleryInfo("Flickr8K", 8_091, "An English sentence.")
    text = photos.credit(texts_in(language), flickr8k, matches(2))
    assert credited in text
    assert "English" not in text


def test_a_match_without_a_source_shows_the_end_of_its_path() -> None:
    found = (Match("a.jpg", 0.91, None, 0.9), Match("some/<where>/in/two_dogs.jpg", 0.8, None, 0.9))
    text = photos.album_caption(EN, WORDS, numbered(found), GALLERY)
    assert "href" not in text
    assert "Very close: 1 a.jpg, 2 …re>/in/two_dogs.jpg\n" in visible(text)


def test_an_album_of_named_matches_stays_within_1024_units() -> None:
    many = tuple(Match(HOSTILE, -0.25, None, 0.1) for _ in range(10))
    gallery = GalleryInfo(HOSTILE, 10**9, HOSTILE)
    for numbers in (False, True):
        text = photos.album_caption(EN, Subject(words=HOSTILE), numbered(many), gallery, numbers=numbers)
        assert units(text) <= 1_024


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        (Subject(MESSAGE, "the dog"), "Like your photo, above all in the dog"),
        (Subject(MESSAGE, "- grass + beach"), "Like your photo, but - grass + beach"),
        (Subject(MESSAGE, "t-shirt"), "Like your photo, above all in t-shirt"),
        (WORDS, "Photos of a dog"),
        (GALLERY_IMAGE, "More like the photo you chose"),
    ],
)
def test_an_answer_says_once_what_was_searched_for(subject: Subject, title: str) -> None:
    if subject.photo:
        answer = photos.photo_answer(EN, subject, PhotoReading(CAPTION))
    else:
        answer = photos.search_answer(EN, subject)
    album = photos.album_caption(EN, subject, numbered(matches(2)), GALLERY)
    assert (visible(answer) + visible(album)).count(title) == 1


def test_the_title_of_a_photos_album_is_in_the_album_as_its_caption_is_below() -> None:
    assert photos.album_caption(EN, PHOTO, numbered(matches(2)), GALLERY).startswith("Most like your photo\n")
    assert photos.photo_answer(EN, PHOTO, PhotoReading(CAPTION)) == "<b>A dog runs.</b>"


def test_photos_of_an_album_are_numbered_and_so_are_their_matches() -> None:
    text = visible(photos.media_group_answer(EN, ["A dog.", "A cat."]))
    assert text.endswith("1. A dog.\n2. A cat.\nTap a number to see more like that photo.")
    one, three = matches(2)
    best = visible(photos.best_matches_caption(EN, [(1, one), (3, three)], GALLERY))
    assert "Very close: 1, 3" in best


def test_tags_and_explanations_are_formatted() -> None:
    found = (Tag("dog", 0.414, spoken=True), Tag("<i>", 0.2, spoken=False))
    assert photos.tag_list(EN, found).endswith("dog · &lt;i&gt;")
    assert photos.tag_list(EN, found, numbers=True).endswith("dog 0.41 · &lt;i&gt; 0.20")
    assert "A dog runs." in photos.explanation_caption(EN, Explanation("a dog runs", b""))


def test_user_input_is_escaped() -> None:
    assert "<b>&lt;i&gt;</b>" in similar_words(EN, "<i>", words(1))
    assert "<code>&lt;i&gt;</code>" in photos.search_answer(EN, Subject(words="<i>"))
    assert "&lt;i&gt;" in general.error(EN, EngineError("no <i>"))
    assert "&lt;i&gt;" in general.unknown_command(EN, "<i>")


def test_recognised_things_are_named_unless_the_caption_has_their_words() -> None:
    recognised = tuple(Recognised(name, 0.9) for name in ("car", "dog", "bus"))
    reading = PhotoReading(Caption("two dogs and a man carrying bushes", 0.9, 0.9), recognised=recognised)
    text = photos.photo_answer(EN, PHOTO, reading)
    assert text.splitlines() == ["<b>Two dogs and a man carrying bushes.</b>", "I recognise: car, bus"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_stay_within_4096_units_whatever_they_are_about(language: str) -> None:
    texts = texts_in(language)
    many = tuple(WordMatch(HOSTILE, 0.1) for _ in range(10))
    reading = PhotoReading(
        Caption(HOSTILE, 0.01, 0.01), (Tag(HOSTILE, 0.9, spoken=True),) * 10, Match(HOSTILE, 1.0)
    )
    line = photos.photo_line(texts, reading)
    for text in (
        similar_words(texts, HOSTILE, many),
        similar_words(texts, HOSTILE, many, numbers=True),
        analogy(texts, HOSTILE, HOSTILE, HOSTILE, many),
        word_similarity(texts, WordSimilarity(HOSTILE, "b", 0.5, 50), numbers=True),
        photos.photo_answer(texts, Subject(MESSAGE, HOSTILE), reading, notes=["A note."] * 2),
        photos.other_caption(texts, Subject(MESSAGE, HOSTILE), Caption(HOSTILE, 0.01, 0.01)),
        photos.search_answer(texts, Subject(words=HOSTILE)),
        photos.media_group_answer(texts, [line] * 10),
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
    texts, gallery = texts_in(language), GalleryInfo(HOSTILE, 10**9, HOSTILE)
    for subject in (Subject(words=HOSTILE), Subject(MESSAGE, HOSTILE), PHOTO, GALLERY_IMAGE):
        for found in (matches(10, 0.05), BURSTS):
            assert (
                units(photos.album_caption(texts, subject, numbered(found, 40), gallery, is_first_page=False))
                <= 1_024
            )
    assert units(photos.best_matches_caption(texts, list(enumerate(matches(10), 1)), gallery)) <= 1_024
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
    text = visible(photos.album_caption(EN, WORDS, numbered(album), GALLERY))
    assert text.startswith("Close: 1 a.jpg (and 11 like it), 2 b.jpg, 3 a.jpg (and one like it)\n")
    scores = visible(photos.album_caption(EN, WORDS, numbered(album), GALLERY, numbers=True)).splitlines()[0]
    assert scores == "0.91 a.jpg (and 11 like it) · 0.80 b.jpg · 0.91 a.jpg (and one like it)"
    best = visible(photos.best_matches_caption(EN, [(1, like(11))], GALLERY))
    assert "1 a.jpg (and 11 like it)" in best
    assert visible(inline_caption(EN, "a dog", like(11))) == "“a dog” (and 11 like it)"
    assert "2: (and 11 like it)" in photos.random_caption(EN, GALLERY, [Match("b.jpg", 0.0), like(11)])


@pytest.mark.parametrize("language", LANGUAGES)
def test_near_duplicates_are_counted_in_every_language(language: str) -> None:
    one, few, many = (photos.near_duplicates_note(texts_in(language), like(count)) for count in (1, 3, 11))
    assert "3" in few[0]
    assert "11" in many[0]
    assert "{" not in f"{one}{few}{many}"
    assert photos.near_duplicates_note(texts_in(language), like(0)) == ()
