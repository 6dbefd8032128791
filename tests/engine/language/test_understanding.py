"""What messages ask for, in seven languages, with the tagger and the words that ship."""

import pytest

from engine.errors import BadInputError, EmptyQueryError
from engine.language.understanding import Understanding
from engine.model.checkpoint import Checkpoint
from engine.model.vocabulary import SPECIALS
from engine.results import Correction, Intent, IntentKind, Problem

KINDS = {
    IntentKind.GREETING: ("hi", "hello there!", "hallo", "bonjour", "¡hola!", "salve", "olá", "привет"),
    IntentKind.THANKS: (
        "thanks!",
        "thank you so much",
        "vielen dank",
        "merci",
        "gracias",
        "grazie",
        "спасибо",
    ),
    IntentKind.GOODBYE: (
        "bye",
        "bye-bye",
        "see you later",
        "auf wiedersehen",
        "au revoir",
        "adiós",
        "до свидания",
    ),
    IntentKind.HELP: ("help", "what can you do?", "who are you?", "was kannst du?", "что ты умеешь?"),
    IntentKind.CAPTION: ("what is this?", "was ist das?", "qu'est-ce que c'est ?", "что это?"),
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in KINDS.items() for text in texts])
def test_small_talk_is_no_search(understanding: Understanding, kind: IntentKind, text: str) -> None:
    assert understanding.understand(text).kind is kind


@pytest.mark.parametrize(
    "text",
    [
        "a dog running on the beach",
        "please show me a photo of a dog running on the beach",
        "do you have any photos with a dog running on the beach?",
        "a dog running on the beach please",
        "a dog running on the beach, thanks!",
        "can you find me a picture of a dog running on the beach please?",
        "please find me a picture of a dog running on the beach",
        "I'm told there's a dog running on the beach somewhere in here",
    ],
)
def test_politeness_does_not_become_part_of_the_query(understanding: Understanding, text: str) -> None:
    assert understanding.understand(text).query.removeprefix("a ") == "dog running on the beach"


@pytest.mark.parametrize(
    "text",
    [
        "a man asking for a photo",
        "a woman taking a picture of a dog",
        "two people looking for shells",
        "a man showing a photo to a woman",
    ],
)
def test_a_description_keeps_the_words_of_requests_that_it_needs(
    understanding: Understanding, text: str
) -> None:
    assert understanding.understand(text).positive == (text,)


@pytest.mark.parametrize(
    ("text", "language", "query"),
    [
        ("a beach without people", None, "a beach - people"),
        ("show me a beach but no people, please", None, "a beach - people"),
        ("beach -people", None, "beach - people"),
        ("ship - sail", None, "ship - sail"),
        ("ein Strand ohne Menschen", "de", "a beach - people"),
        ("une plage sans personnes", "fr", "a beach - people"),
        ("una playa sin gente", "es", "a beach - people"),
        ("una spiaggia senza persone", "it", "a beach - people"),
        ("uma praia sem pessoas", "pt", "a beach - people"),
        ("пляж без людей", "ru", "beach - people"),
        ("a street without cars or people", None, "a street - cars - people"),
    ],
)
def test_a_negation_becomes_a_minus(
    understanding: Understanding, text: str, language: str | None, query: str
) -> None:
    assert understanding.understand(text, language).query == query


@pytest.mark.parametrize(
    ("text", "language", "query"),
    [
        ("найди фото собак на пляже", "ru", "dogs on the beach"),
        ("девочка со щенком", "ru", "girl with puppy"),
        ("дети с игрушками", "ru", "children with toys"),
        ("мальчик с мячом без шапки", "ru", "boy with ball - hats"),
        ("мужчина с людьми", "ru", "man with people"),
        ("улица без машин", "ru", "street - cars"),
    ],
)
def test_russian_cases_are_read(understanding: Understanding, text: str, language: str, query: str) -> None:
    assert understanding.understand(text, language).query == query


def test_nobody_is_people_who_are_not_there(understanding: Understanding) -> None:
    assert understanding.understand("a beach with nobody on it").negative == ("people",)


def test_a_dash_beside_a_remark_is_no_minus(understanding: Understanding) -> None:
    for text in ("a dog on the beach - have you got one?", "one more thing - a dog on the beach"):
        intent = understanding.understand(text)
        assert (intent.negative, intent.query.removeprefix("a ")) == ((), "dog on the beach")
    assert understanding.understand("a dog - a beach").negative == ("beach",)


def test_the_portuguese_no_is_no_negation(understanding: Understanding) -> None:
    assert understanding.understand("um cão no mar", "pt").negative == ()
    assert understanding.understand("uma mulher no barco", None).negative == ()


@pytest.mark.parametrize("text", ["dog", "a beach - people", "cat + sofa", "a dog running on the beach"])
def test_what_was_understood_is_understood_the_same_way_again(
    understanding: Understanding, text: str
) -> None:
    once = understanding.describe(text).query
    assert understanding.describe(once).query == once


@pytest.mark.parametrize("text", ["a dgo on the grass", "please show me a dgo on the grass"])
def test_a_slip_is_read_as_the_nearest_word_and_said_to_be(understanding: Understanding, text: str) -> None:
    intent = understanding.understand(text)
    assert intent.query.removeprefix("a ") == "dog on the grass"
    assert intent.corrections == (Correction("dgo", "dog"),)


@pytest.mark.parametrize("text", ["zebra", "a golden retriever", "show me a zebra in the snow", "espresso"])
def test_what_the_recognizer_has_a_name_for_is_not_out_of_reach(
    understanding: Understanding, text: str
) -> None:
    intent = understanding.describe(text)
    assert (intent.unfamiliar, intent.out_of_reach) == ((), False)


@pytest.mark.parametrize("word", ["qwxz", "qqzzx", "xyzzy", "blorp"])
def test_a_word_that_nobody_knows_is_no_talk(understanding: Understanding, word: str) -> None:
    assert understanding.understand(word).problem is Problem.UNKNOWN_WORDS


@pytest.mark.parametrize("request_", ["find {}", "show me a {}", "any photos of a {}?"])
@pytest.mark.parametrize("thing", ["zebra", "laptop", "giraffe"])
def test_a_thing_that_no_caption_holds_is_found_by_its_name(
    understanding: Understanding, request_: str, thing: str
) -> None:
    intent = understanding.understand(request_.format(thing))
    assert (intent.kind, intent.query.removeprefix("a ")) == (IntentKind.DESCRIPTION, thing)


@pytest.mark.parametrize("word", ["violin", "zebra", "kayak", "unicorn", "giraffe", "receipt", "cello"])
def test_a_rare_word_is_not_corrected(understanding: Understanding, word: str) -> None:
    assert understanding.understand(f"a {word}").corrections == ()


def test_no_word_that_the_network_knows_is_corrected(
    understanding: Understanding, shipped: Checkpoint
) -> None:
    known = " ".join((*shipped.vocabulary.words[len(SPECIALS) :], *shipped.prototypes.words)).split()
    corrected = [word for word in known if any(understanding.spelling.correct([word]))]
    assert len(known) > 20_000
    assert corrected == []


@pytest.mark.parametrize(
    ("text", "language", "intent"),
    [
        ("boy", None, Intent(IntentKind.SIMILAR, ("boy",))),
        ("words like boy", None, Intent(IntentKind.SIMILAR, ("boy",))),
        ("synonyms for happy", None, Intent(IntentKind.SIMILAR, ("happy",))),
        ("dog vs cat", None, Intent(IntentKind.ALIKE, ("dog", "cat"))),
        ("how similar are dog and cat?", None, Intent(IntentKind.ALIKE, ("dog", "cat"))),
        ("king - man + woman", None, Intent(IntentKind.ANALOGY, ("man", "king", "woman"))),
        ("man:men::woman:?", None, Intent(IntentKind.ANALOGY, ("man", "men", "woman"))),
        ("what is to women as man is to men?", None, Intent(IntentKind.ANALOGY, ("men", "man", "women"))),
        ("Hund", "de", Intent(IntentKind.SIMILAR, ("dog",), translated=True)),
        ("/similar boy", None, Intent(IntentKind.SIMILAR, ("boy",))),
        ("/alike dog cat", None, Intent(IntentKind.ALIKE, ("dog", "cat"))),
        ("/analogy man men woman", None, Intent(IntentKind.ANALOGY, ("man", "men", "woman"))),
        ("/find a dog", None, Intent(IntentKind.DESCRIPTION, positive=("a dog",))),
        ("/help", None, Intent(IntentKind.HELP)),
    ],
)
def test_words_are_asked_about_in_many_ways(
    understanding: Understanding, text: str, language: str | None, intent: Intent
) -> None:
    assert understanding.understand(text, language) == intent


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("https://example.com/a?b=c", Problem.ADDRESS),
        ("king is to mother", Problem.INCOMPLETE_ANALOGY),
        ("without people", Problem.ONLY_NEGATIVE),
        ("!!! ???", Problem.NO_DESCRIPTION),
        ("12345", Problem.NO_DESCRIPTION),
        ("1234567890", Problem.NO_DESCRIPTION),
        ("007", Problem.NO_DESCRIPTION),
        ("αβγ 5", Problem.UNKNOWN_WORDS),
        ("ŋŋŋŋ ŧŧŧŧ", Problem.UNKNOWN_WORDS),
    ],
)
def test_what_cannot_be_answered_is_said_to_be(
    understanding: Understanding, text: str, problem: Problem
) -> None:
    assert understanding.understand(text).problem is problem


def test_a_description_out_of_reach_names_its_unfamiliar_words(understanding: Understanding) -> None:
    intent = understanding.understand("a unicorn on the moon")
    assert intent.unfamiliar == ("unicorn", "moon")
    assert intent.out_of_reach
    assert not understanding.understand("a dog running through the snow").out_of_reach


@pytest.mark.parametrize("text", ["dog", "- grass + beach", "without grass"])
def test_with_a_photo_words_and_signs_steer_it(understanding: Understanding, text: str) -> None:
    assert understanding.understand(text, with_photo=True).kind is IntentKind.DESCRIPTION


def test_a_language_is_detected_without_the_apps_help(understanding: Understanding) -> None:
    assert understanding.understand("ein Hund im Schnee").query == "a dog in the snow"
    assert understanding.understand("собака на снегу").query == "dog on snow"
    assert not understanding.understand("a chat on the street").translated


def test_empty_and_too_long_messages_are_refused(understanding: Understanding) -> None:
    with pytest.raises(EmptyQueryError):
        understanding.understand(" \n\u200b")
    with pytest.raises(BadInputError):
        understanding.understand("dog " * 100)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("/find", "find-what"),
        ("/similar ", "similar-of-what"),
        ("/alike", "alike-what"),
        ("/analogy", "analogy-of-what"),
        ("/similar polar bear", "one-word-only"),
        ("/alike dog", "two-words-only"),
        ("/analogy man men", "three-words-only"),
        ("/analogy man men woman women", "three-words-only"),
    ],
)
def test_a_command_says_which_words_it_lacks(understanding: Understanding, text: str, key: str) -> None:
    with pytest.raises(BadInputError, match=key):
        understanding.understand(text)


def test_a_command_reads_slips_and_compounds_as_plain_text_does(understanding: Understanding) -> None:
    intent = understanding.understand("/similar dgo")
    assert (intent.words, intent.corrections) == (("dog",), (Correction("dgo", "dog"),))
    assert understanding.understand("/similar Hundestrand", "de").query == "dog beach"
    assert understanding.understand("/alike Hund und Katze", "de").words == ("dog", "cat")
    assert understanding.understand("/similar qwzxv").words == ("qwzxv",)


def test_a_word_is_kept_as_it_was_written(understanding: Understanding) -> None:
    assert understanding.understand("Hund", "de").written == ("Hund",)
    assert understanding.understand("/similar dgo").written == ("dog",)


def test_a_command_under_a_photo_may_only_leave_out(understanding: Understanding) -> None:
    intent = understanding.understand("/find - Gras", "de", with_photo=True)
    assert (intent.positive, intent.negative) == ((), ("grass",))


@pytest.mark.parametrize("text", ["a dog - have you got one?", "/find a dog - have you got one?"])
def test_a_dash_before_a_remark_is_no_minus(understanding: Understanding, text: str) -> None:
    assert understanding.understand(text).query == "a dog"


@pytest.mark.parametrize(
    ("text", "language", "query"),
    [
        ("Kinder im Park, Hunde will ich nicht sehen", "de", "children in the park - dogs"),
        ("auf keinen Fall Autos, nur eine Brücke", "de", "a bridge - cars"),
        ("une rue, les voitures ça m'embête", "fr", "a street - cars"),
        ("una calle sin coches por favor", "es", "a street - cars"),
        ("un lago dove non ci siano barche", "it", "a lake - boats"),
        ("cavalos, neve eu dispenso", "pt", "horses - snow"),
        ("собаки, а снег не нужен", "ru", "dogs - snow"),
        ("kids at the park, dogs I don't want to see", None, "kids at the park - dogs"),
        ("a beach with nobody on it", None, "a beach - people"),
        ("a street, car-free please", None, "a street - car"),
    ],
)
def test_what_is_refused_may_stand_before_the_refusal(
    understanding: Understanding, text: str, language: str | None, query: str
) -> None:
    assert understanding.understand(text, language).query == query


@pytest.mark.parametrize(
    ("text", "language", "query"),
    [
        ("nur die Katze bitte", "de", "the cat"),
        ("only the cat please", None, "the cat"),
        ("seulement le chien", "fr", "the dog"),
    ],
)
def test_only_is_no_negation(
    understanding: Understanding, text: str, language: str | None, query: str
) -> None:
    assert understanding.understand(text, language, with_photo=True).query == query


@pytest.mark.parametrize("text", ["qwzx kkvt", "zzyzx qwrt plmk"])
def test_gibberish_is_unknown_words(understanding: Understanding, text: str) -> None:
    assert understanding.understand(text).problem is Problem.UNKNOWN_WORDS


def test_a_clause_belongs_to_its_noun(understanding: Understanding) -> None:
    intent = understanding.understand("montre-moi des enfants qui jouent, s'il te plaît", "fr")
    assert {"children", "playing"} <= set(intent.query.split())


def test_a_name_without_an_article_loses_its_please(understanding: Understanding) -> None:
    assert understanding.understand("giraffe please").query == "giraffe"


@pytest.mark.parametrize(
    ("text", "language", "query"),
    [
        ("un chien à Figeac sur la plage", "fr", "a dog at Figeac on the beach"),
        ("montre un peu deux chiens, pour voir", "fr", "two dogs"),
    ],
)
def test_what_a_dictionary_lacks_is_no_slip_of_an_english_word(
    understanding: Understanding, text: str, language: str, query: str
) -> None:
    intent = understanding.understand(text, language)
    assert (intent.query, intent.corrections) == (query, ())
