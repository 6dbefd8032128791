"""The tagger: its span of a description, and its file."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from engine.language.parts import split
from engine.language.tagger import KEYS, Tagger, in_english, save, shipped_tagger
from engine.language.tagging import KINDS, Tag, Tagging
from engine.language.tokens import tokens_of
from engine.results import IntentKind
from engine.training.language import train_tagger as training
from engine.training.language.general_vectors import GeneralVectors
from engine.training.language.phrases import Sentence
from engine.training.language.train_tagger import (
    IGNORED,
    TaggerNetwork,
    average,
    span_loss,
    train_tagger,
)
from engine.words.word_context import shipped_word_context

D, K, N = Tag.DROPPED, Tag.KEPT, Tag.NEGATIVE
GENERAL = GeneralVectors(
    ("dog", "puppy", "grass"), np.array([[1, 0, 0.1], [1, 0.1, 0], [0, 1, 1]], np.float32)
)
CONTEXT = shipped_word_context()
CAPTIONS = ("A dog runs on the grass .", "Two boys play in the snow .", "A woman is taking pictures .")


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw few sentences: a pool of training's own holds two thousand, of which three steps use a fifth."""
    monkeypatch.setattr(training, "BATCH_SIZE", 16)
    monkeypatch.setattr(training, "TEST_SENTENCES", 200)


def _sentence(text: str) -> Sentence:
    words = tuple(token.text for token in tokens_of(text))
    return Sentence(words, tuple(D for _ in words), IntentKind.DESCRIPTION)


def _tagging(*tags: Tag, edges: np.ndarray | None = None, kind: IntentKind = IntentKind.NOTHING) -> Tagging:
    odds = np.zeros((len(tags), len(Tag)))
    odds[np.arange(len(tags)), list(tags)] = 2
    kinds = np.array([float(other is kind) for other in KINDS])
    return Tagging(odds, kinds, np.zeros((len(tags), 2)) if edges is None else edges)


@pytest.mark.parametrize(
    ("tags", "span"),
    [
        ((K, D, D, K, K, K), (D, D, D, K, K, K)),
        ((K, K, D, K, K), (K, K, K, K, K)),
        ((D, K, K, D, N), (D, K, K, D, N)),
        ((K, D, N, D, K), (K, D, N, D, D)),
        ((D, D), (D, D)),
    ],
)
def test_a_description_is_one_span(tags: tuple[Tag, ...], span: tuple[Tag, ...]) -> None:
    assert tuple(_tagging(*tags).description_tags()) == span


@pytest.mark.parametrize(
    ("text", "tags", "parts"),
    [
        ("a steep grassy hill si no es molestia", (K, K, K, N, D, D, D, D), (["a steep grassy hill"], [])),
        ("a man with cheap jewelry", (K, K, D, D, N), (["a man"], ["jewelry"])),
        ("une rue, les voitures non", (K, K, K, N, N, D), (["une rue"], ["les voitures"])),
        ("a beach snow-free", (K, K, N), (["a beach"], ["snow"])),
        ("a beach nobody", (K, K, N), (["a beach"], ["people"])),
    ],
)
def test_what_stands_right_after_a_kept_word_is_excluded_only_by_a_word_that_says_so(
    text: str, tags: tuple[Tag, ...], parts: tuple[list[str], list[str]]
) -> None:
    assert split(text, tokens_of(text), _tagging(*tags)) == parts


@pytest.mark.parametrize(
    ("text", "tags", "parts"),
    [
        ("the picture in mind a dog", (D, N, D, D, K, K), (["a dog"], [])),
        ("bilder im kopf ein hund", (N, D, D, K, K), (["ein hund"], [])),
        ("no pictures, a wall", (D, N, D, K, K), (["a wall"], ["pictures"])),
        ("people no a wall", (N, D, K, K), (["a wall"], ["people"])),
    ],
)
def test_the_word_for_a_photo_with_which_a_message_begins_excludes_nothing(
    text: str, tags: tuple[Tag, ...], parts: tuple[list[str], list[str]]
) -> None:
    assert split(text, tokens_of(text), _tagging(*tags)) == parts


def test_what_is_hardly_likelier_to_be_negative_than_kept_is_kept() -> None:
    tagging = _tagging(K, K, N)
    tagging.tags[2, K] = tagging.tags[2, N] - 0.3
    assert tagging.description_tags() == [K, K, K]
    tagging.tags[2, K] = tagging.tags[2, N] - 0.7
    assert tagging.description_tags() == [K, K, N]


def test_a_description_begins_and_ends_where_captions_do() -> None:
    edges = np.zeros((5, 2))
    edges[1], edges[2, 0], edges[3, 1], edges[4] = (-2, -2), 1, 1, (-2, -2)
    assert _tagging(D, K, K, K, K, edges=edges).description_tags() == [D, D, K, K, D]
    assert _tagging(D, D, D, edges=edges[1:4]).description_tags() == [D, D, D]


@pytest.mark.parametrize(
    ("text", "described"),
    [
        ("ever come across children playing?", "children playing"),
        ("would love it if you pulled up a horse for me", "a horse"),
        ("what I'd really go for right now is red car", "red car"),
        ("mein kollege meint, du findest zwei jungen im handumdrehen", "zwei jungen"),
        ("lo que busco es niños jugando", "niños jugando"),
        ("put a brown dog on the screen", "a brown dog"),
        ("il paraît que tu as un chien noir dans tes cartons", "un chien noir"),
        ("i was hoping you'd have something along the lines of skiers on a slope", "skiers on a slope"),
    ],
)
def test_small_words_of_a_request_do_not_begin_or_end_its_description(text: str, described: str) -> None:
    tokens = tokens_of(text)
    tags = shipped_tagger()(tokens).description_tags()
    kept = [token for token, tag in zip(tokens, tags, strict=True) if tag is Tag.KEPT]
    assert text[kept[0].start : kept[-1].end] == described


def test_a_message_that_describes_has_a_description_unless_it_excludes_something() -> None:
    edges = np.array([[-3, -3], [3, -3], [-3, 3]])
    described = IntentKind.DESCRIPTION
    assert _tagging(D, D, D, edges=edges, kind=described).description_tags() == [D, K, K]
    assert _tagging(D, D, D, edges=edges, kind=IntentKind.THANKS).description_tags() == [D, D, D]
    edges = np.array([[3, -3], [-3, 3], [-3, -3], [-3, -3], [-3, -3]])
    assert _tagging(D, D, D, D, N, edges=edges, kind=described).description_tags() == [D, D, D, D, N]


def test_tokens_keep_their_places_and_split_at_apostrophes() -> None:
    text = "J'aime l'eau, un t-shirt!"
    tokens = tokens_of(text)
    assert [token.text for token in tokens] == ["j'", "aime", "l'", "eau", ",", "un", "t-shirt", "!"]
    assert [text[token.start : token.end].lower() for token in tokens] == [token.text for token in tokens]


@pytest.mark.usefixtures("small_batches")
def test_training_is_repeatable_and_its_file_is_what_the_tagger_reads(tmp_path: Path) -> None:
    files = tmp_path / "first", tmp_path / "second"
    for file in files:
        report = train_tagger(CAPTIONS, GENERAL, CONTEXT, file, steps=3, seed=1)
        assert 0 < report["tags"] <= 1
    assert files[0].read_bytes() == files[1].read_bytes()
    tokens = tokens_of("please show me a dog")
    tagging = Tagger(load_file(files[0]), CONTEXT)(tokens)
    assert tagging.tags.shape == (len(tokens), len(Tag))
    assert tagging.kinds.sum() == pytest.approx(1)


def test_the_tagger_scores_a_sentence_as_the_network_that_was_trained(tmp_path: Path) -> None:
    torch.manual_seed(1)
    network = TaggerNetwork(GENERAL, CONTEXT).eval()
    for layer, factor in ((network.query, 1000), (network.value, 20)):  # attention is sharp, as trained
        layer.weight.data *= factor
    save(tmp_path / "file", network.arrays())
    sentences = [_sentence("put a dog on the screen"), _sentence("a dog , please put it on my wall")]
    with torch.inference_mode():  # the first is padded
        tags, edges, kinds = network(*network.embed(sentences))
        edges = edges + network.edges_in_captions(sentences)
    for row, sentence in enumerate(sentences):
        tagging = Tagger(load_file(tmp_path / "file"), CONTEXT)(tokens_of(" ".join(sentence.words)))
        length = len(sentence.words)
        assert np.allclose(tagging.tags, tags[row, :length], atol=0.01)
        assert np.allclose(tagging.edges, edges[row, :length], atol=0.01)
        assert np.allclose(tagging.kinds, kinds[row].softmax(0), atol=0.01)


def test_a_tagger_that_is_trained_further_begins_as_its_file_says(tmp_path: Path) -> None:
    torch.manual_seed(1)
    network, other = TaggerNetwork(GENERAL, CONTEXT), TaggerNetwork(GENERAL, CONTEXT)
    save(tmp_path / "file", network.arrays())
    other.take(load_file(tmp_path / "file"))
    for name, array in network.arrays().items():
        assert np.allclose(other.arrays()[name], array, atol=0.01), name


def test_the_loss_of_a_span_counts_all_spans_and_what_is_negative_interrupts_it_at_no_cost() -> None:
    tags = torch.tensor([[D, K, K, IGNORED], [K, D, N, K], [D, D, D, D]])
    logits, edges = torch.zeros(3, 4, len(Tag)), torch.zeros(3, 4, 2)
    edges[0, 3] = -torch.inf
    alike = span_loss(logits, edges, tags)
    assert alike.item() == pytest.approx((np.log(6) + np.log(10)) / 2)  # spans of three and of four tokens
    logits[0, 1:3, K] = logits[1, ::3, K] = logits[1, 1:3, D] = 20
    logits[0, 0, D] = 20
    assert span_loss(logits, edges, tags).item() == pytest.approx(0, abs=1e-3)
    assert span_loss(logits[2:], edges[2:], tags[2:]).item() == 0


def test_a_tagger_trained_further_is_averaged_with_where_it_began() -> None:
    network = TaggerNetwork(GENERAL, CONTEXT)
    end = [parameter.detach().clone() for parameter in network.parameters()]
    average(network, [parameter + 2 for parameter in end])
    means = zip(network.parameters(), end, strict=True)
    assert all(torch.allclose(mean, parameter + 1) for mean, parameter in means)


def test_a_doubled_word_is_read_as_the_word() -> None:
    once, twice = (shipped_tagger()(tokens_of(text)).tags for text in ("привет", "привет-привет"))
    assert np.array_equal(once, twice)


def test_a_saved_tagger_keeps_its_weights_to_a_hundredth_of_their_range(tmp_path: Path) -> None:
    table = np.random.default_rng(0).normal(size=(8, 4)).astype(np.float32)
    meaning, keys = np.zeros((0, 2), np.float32), np.zeros(0, np.uint32)
    weights = {"embedding": table, "meaning": meaning, KEYS: keys, "bias": np.ones(3, np.float32)}
    save(tmp_path / "file", weights)
    arrays = load_file(tmp_path / "file")
    restored = arrays["embedding"] * arrays["embedding_scale"]
    assert np.abs(restored - table).max() < np.abs(table).max() / 100


@pytest.mark.usefixtures("small_batches")
def test_a_word_with_a_general_vector_is_read_by_its_meaning_too(tmp_path: Path) -> None:
    train_tagger(CAPTIONS, GENERAL, CONTEXT, tmp_path / "file", steps=3, seed=1)
    arrays = load_file(tmp_path / "file")
    known = Tagger(arrays, CONTEXT)(tokens_of("puppy")).tags
    without = Tagger(arrays | {KEYS: np.zeros_like(arrays[KEYS])}, CONTEXT)(tokens_of("puppy")).tags
    assert not np.allclose(known, without)


def test_a_word_of_another_language_has_the_meaning_of_its_translation() -> None:
    assert [in_english(word) for word in ("perro", "щенками", "plage")] == ["dog", "puppy", "beach"]
    assert [in_english(word) for word in ("red", "chien-loup", "raussuchst")] == [
        "red",
        "chien-loup",
        "raussuchst",
    ]


def test_the_nearest_words_come_from_the_general_vectors() -> None:
    assert GENERAL.neighbours(["dog", "grass", "cat"], 5, 0.6) == {"dog": ["puppy"], "grass": []}
    assert not GENERAL.of(["cat"]).any()
