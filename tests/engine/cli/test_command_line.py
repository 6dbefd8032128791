"""The command line: JSON on standard output, one line for each failure on standard error."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.__main__ import main
from engine.cli import evaluation, indexing, queries, training
from engine.cli.output import to_text
from engine.model import checkpoint
from engine.model.checkpoint import Checkpoint
from engine.results import Match
from engine.service import Engine
from engine.settings import ARTIFACT_DIR, EngineSettings
from tests.odd_files import NAMES, encoded, write_odd_names
from tests.paint import meadow

Run = Callable[..., Any]
MATCH_KEYS = {"near_duplicates", "image", "score", "confidence"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, warm_home: Callable[[Path], Path]) -> Path:
    return warm_home(tmp_path_factory.mktemp("home"))


@pytest.fixture(autouse=True)
def _environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDRED_HOME", str(home))
    monkeypatch.delenv("FLICKR8K_DIR", raising=False)


@pytest.fixture(scope="module")
def engines() -> dict[str, Engine]:
    """Engines by their settings."""
    return {}


@pytest.fixture
def warm(shipped: Checkpoint, engines: dict[str, Engine], monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands use a network and engines that are loaded already."""

    def load_checkpoint(
        folder: Path, threads: int = 1, graphs: Path | None = None, *, streams: int = 1
    ) -> Checkpoint:
        if folder == ARTIFACT_DIR:
            return shipped
        return checkpoint.load(folder, threads, graphs, streams=streams)

    def open_engine(settings: EngineSettings) -> Engine:
        key = settings.model_dump_json()
        if key not in engines:
            engines[key] = Engine(settings, load_checkpoint(settings.artifact, settings.threads))
        return engines[key]

    monkeypatch.setattr(queries, "Engine", open_engine)
    for module in (queries, indexing, training, evaluation):
        monkeypatch.setattr(module, "load_checkpoint", load_checkpoint)


@pytest.fixture
def photo(tmp_path: Path, cat: bytes) -> str:
    (tmp_path / "cat.jpg").write_bytes(cat)
    return str(tmp_path / "cat.jpg")


@pytest.fixture
def answer(warm: None, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> Any:
        assert main([*arguments, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def failure(warm: None, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> str:
        assert main(list(arguments)) == 1
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.count("\n") == 1
        return captured.err

    return run


def test_a_process_of_its_own_answers_with_the_shipped_network(photo: str) -> None:
    command = [sys.executable, "-m", "engine", "describe", photo, "--json"]
    found = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=120).stdout)
    assert set(found) == {"captions", "recognised", "matches", "known"}
    assert all(set(caption) == {"text", "score", "confidence"} for caption in found["captions"])
    assert all(set(match) == MATCH_KEYS for match in [*found["known"], *found["matches"]])
    assert [match["image"] for match in found["known"]] == ["cat.jpg"]
    assert "cat.jpg" not in {match["image"] for match in found["matches"]}


def test_a_command_loads_the_network_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["similar", "boy", "--count", "2"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize("arguments", [("similar", "boy"), ("analogy", "man", "men", "woman")])
def test_words_come_with_scores(answer: Run, arguments: tuple[str, ...]) -> None:
    found = answer(*arguments)
    assert len(found) == 10
    assert all(set(match) == {"word", "score"} for match in found)


@pytest.mark.parametrize(
    ("command", "more", "keys", "count"),
    [
        ("caption", (), {"text", "score", "confidence"}, 3),
        ("tags", (), {"word", "score", "spoken", "thing"}, 10),
        ("labels", ("cat", "dog", "a boat"), {"text", "probability"}, 3),
        ("focus", ("the", "ear", "--count", "4"), MATCH_KEYS, 4),
    ],
)
def test_every_photo_command_answers(
    answer: Run, photo: str, command: str, more: tuple[str, ...], keys: set[str], count: int
) -> None:
    found = answer(command, photo, *more)
    assert len(found) == count
    assert all(set(row) == keys for row in found)


def test_two_words_are_compared(answer: Run) -> None:
    found = answer("alike", "boy", "girl")
    assert set(found) == {"a", "b", "cosine", "percentile"}
    assert (found["a"], found["b"]) == ("boy", "girl")


def test_a_lone_minus_is_not_an_option(answer: Run) -> None:
    assert len(answer("find", "ship", "-", "sail", "--count", "3")) == 3


def test_find_changes_a_photo(answer: Run, photo: str) -> None:
    assert answer("find", "--photo", photo, "- grass + beach") != answer("find", "- grass + beach + cat")


def test_text_output_leaves_booleans_out(warm: None, capsys: pytest.CaptureFixture[str], photo: str) -> None:
    assert main(["tags", photo, "--count", "1"]) == 0
    score, word = capsys.readouterr().out.split()
    assert float(score) < 1
    assert word.isalpha()


def test_images_similar_to_one_of_the_gallery_are_found(answer: Run) -> None:
    (first,) = answer("find", "a", "cat", "--count", "1")
    assert first["image"] not in {match["image"] for match in answer("kindred", first["image"])}


def test_find_takes_several_words(answer: Run) -> None:
    assert all(set(match) == MATCH_KEYS for match in answer("find", "a", "cat", "on", "grass"))


def test_the_number_of_answers_can_be_set(answer: Run) -> None:
    assert len(answer("similar", "boy", "--count", "3")) == 3


def test_text_output_has_a_line_for_each_result(warm: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["similar", "boy", "--count", "2"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_images_of_all_names_are_listed_and_can_be_named(
    answer: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write_odd_names(tmp_path / "mine")
    query = ("find", "a meadow", "--gallery", str(tmp_path / "mine"))
    assert {match["image"] for match in answer(*query)} == set(NAMES.values())
    assert main(list(query)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line.split("  ", 2)[-1] for line in lines} == set(NAMES.values())
    for name in (b'a\n"b"\'s.jpg', b'a%0A"b"\'s.jpg'):  # as a shell completes it, and as it was printed
        alike = answer("kindred", os.fsdecode(name), *query[2:])
        assert len(alike) == len(NAMES) - 1


def test_letters_that_the_terminal_lacks_are_escaped(
    warm: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "🐕.jpg").write_bytes(encoded(meadow()))
    terminal = io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr(sys, "stdout", terminal)
    assert main(["find", "a meadow", "--gallery", str(tmp_path)]) == 0
    terminal.flush()
    assert terminal.buffer.getvalue().endswith(b"\\U0001f415.jpg\n")


@pytest.mark.parametrize("named", [(), ("--gallery",)])
def test_index_counts_and_measures(
    answer: Run, make_image: Callable[..., Path], tmp_path: Path, named: tuple[str, ...]
) -> None:
    for number in range(12):
        make_image(f"mine/{number}.png", colour=(20 * number, 90, 30))
    (tmp_path / "mine" / "bad.jpg").write_text("no image")
    found = answer("index", *named, str(tmp_path / "mine"))
    assert (found["images"], found["encoded"], found["removed"], found["left_out"]) == (12, 12, 0, 1)
    assert found["scan_recall_at_10"] == 1


@pytest.mark.usefixtures("annoy_at_any_size")
def test_a_running_engine_keeps_its_gallery_while_that_is_indexed_again(
    answer: Run,
    shipped: Checkpoint,
    make_image: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KINDRED_HOME", str(tmp_path / "home"))
    for number in range(3):
        make_image(f"mine/{number}.png", colour=(80 * number, 90, 30))
    answer("index", str(tmp_path / "mine"))
    running = Engine(EngineSettings(gallery=tmp_path / "mine"), shipped)
    before = running.find("a dog")
    caches = {path.name for path in (tmp_path / "home").rglob("*") if path.suffix in {".annoy", ".npy"}}
    (tmp_path / "mine" / "0.png").unlink()
    make_image("mine/3.png")
    found = answer("index", str(tmp_path / "mine"))
    assert (found["encoded"], found["removed"]) == (1, 1)
    assert running.find("a dog") == tuple(match for match in before if match.image != "0.png")
    assert {
        match.image for match in Engine(EngineSettings(gallery=tmp_path / "mine"), shipped).find("a dog")
    } == {
        "1.png",
        "2.png",
        "3.png",
    }
    now = {path.name for path in (tmp_path / "home").rglob("*") if path.suffix in {".annoy", ".npy"}}
    assert len(now) == 2
    assert now.isdisjoint(caches)


def test_an_interrupted_index_command_says_that_it_can_go_on(
    warm: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(indexing, "update", stop)
    assert main(["index"]) == 130
    assert "goes on" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "clue"),
    [
        (("describe", "nowhere.jpg"), "nowhere.jpg"),
        (("similar", "qwxz"), "qwxz"),
        (("similar", "womann"), "woman"),
        (("analogy", "man", "men", "qwxz"), "qwxz"),
        (("find", "?"), "For example"),
        (("find", "dog", "--photo", "nowhere.jpg"), "nowhere.jpg"),
        (("tags", "nowhere.jpg"), "nowhere.jpg"),
        (("alike", "boy", "qwxz"), "qwxz"),
        (("kindred", "nowhere.jpg"), "no longer have this photo"),
        (("evaluate",), "--flickr8k"),
        (("evaluate", "--flickr8k", "nowhere"), "nowhere"),
        (("similar", "boy", "--artifact", "nowhere"), "nowhere"),
        (("find", "dog", "--gallery", "nowhere"), "nowhere"),
        (("index", "nowhere"), "nowhere"),
        (("index", "pyproject.toml"), "pyproject.toml"),
        (("index", "bot"), "no image in bot"),
        (("index", "--output", "pyproject.toml/vectors"), "pyproject.toml/vectors cannot be written"),
    ],
)
def test_a_command_that_fails_prints_one_line(failure: Run, arguments: tuple[str, ...], clue: str) -> None:
    assert clue in failure(*arguments)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KINDRED_HOME", "pyproject.toml"),
        ("KINDRED_GALLERY", "nowhere"),
        ("KINDRED_GALLERY_URL", "photos"),
        ("KINDRED_THREADS", "two"),
        ("KINDRED_THREADS", "1000000"),
        ("KINDRED_ARTIFACT", "pyproject.toml"),
    ],
)
def test_an_invalid_setting_prints_one_line(
    failure: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert (name if name != "KINDRED_ARTIFACT" else value) in failure("find", "dog")


def test_a_file_that_is_not_a_photo_prints_one_line(failure: Run, tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("not a photo")
    assert "JPEG, PNG or WebP" in failure("describe", str(tmp_path / "text.jpg"))


def test_a_missing_split_is_an_error(failure: Run, flickr8k_dir: Path) -> None:
    if (flickr8k_dir / "Flickr8k_text" / "Flickr_8k.testImages.txt").exists():
        pytest.skip("the test split is here")
    assert main(["evaluate", "--split", "test", "--flickr8k", str(flickr8k_dir)]) == 1


def test_a_tagger_that_is_trained_further_leaves_the_pairs_of_words_as_they_are(
    answer: Run, flickr8k_dir: Path, tmp_path: Path
) -> None:
    context, trained = tmp_path / "context", tmp_path / "tagger"
    context.write_bytes(training.CONTEXT.read_bytes())
    files = "--start", str(training.TAGGER), "--context", str(context), "--output", str(trained)
    found = answer("train-tagger", "--flickr8k", str(flickr8k_dir), "--steps", "2", "--seed", "21", *files)
    assert "pairs_of_words" not in found
    assert context.read_bytes() == training.CONTEXT.read_bytes()
    assert trained.stat().st_size == training.TAGGER.stat().st_size


@pytest.mark.parametrize("command", [("map", "words"), ("map", "images"), ("why", "PHOTO")])
def test_pictures_are_written_to_the_output_file(
    answer: Run, photo: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, str]
) -> None:
    monkeypatch.setattr("engine.explain.tsne_map.MAX_WORDS", 40)  # a map of 400 takes ten seconds
    target = tmp_path / "picture.png"
    found = answer(command[0], command[1].replace("PHOTO", photo), "--output", str(target))
    assert found["picture"] == str(target)
    assert target.read_bytes().startswith(b"\x89PNG")


def test_a_picture_that_cannot_be_written_is_an_error(
    failure: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "word_map", lambda engine: b"PNG")
    assert "nowhere" in failure("map", "words", "--output", str(tmp_path / "nowhere" / "picture.png"))


@pytest.mark.parametrize(
    ("arguments", "clue"),
    [
        (("find", "dog", "--photo", "NOWHERE"), "cannot be read: No such file"),
        (("map", "words", "--output", "NOWHERE/map.png"), "cannot be written: No such file"),
        (("map", "words", "--output", "."), "cannot be written: Is a directory"),
        (("why", "HERE", "--output", "NOWHERE/why.png"), "cannot be written: No such file"),
        (("evaluate", "--word-sets", "NOWHERE"), "cannot be read: No such file"),
        (("train-tagger", "--captions", "NOWHERE"), "cannot be read: No such file"),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_files_that_a_command_needs_are_checked_before_the_work(
    capsys: pytest.CaptureFixture[str],
    photo: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    clue: str,
    as_json: bool,
) -> None:
    def work(*_: Any, **__: Any) -> None:
        raise AssertionError("the work has begun")

    for module in (queries, indexing, evaluation):
        monkeypatch.setattr(module, "Engine", work)
    for module in (queries, indexing, training, evaluation):
        monkeypatch.setattr(module, "load_checkpoint", work)
    places = {"HERE": photo, "NOWHERE": str(tmp_path / "nowhere")}
    named = []
    for argument in arguments:
        head, slash, tail = argument.partition("/")
        named.append(places.get(head, head) + slash + tail)
    assert main([*named, *(["--json"] if as_json else [])]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert clue in (json.loads(line)["error"] if as_json else line)


FULL_DEVICE = Path("/dev/full")


@pytest.mark.skipif(not FULL_DEVICE.exists(), reason="this system has no full device")
@pytest.mark.parametrize("module", ["engine", "bot"])
def test_output_into_a_full_device_is_one_line_and_into_a_closed_pipe_none(module: str) -> None:
    command = [sys.executable, "-m", module, "--help"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with FULL_DEVICE.open("w") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, env=environment, check=False
        )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "Standard output cannot be written: No space left on device" in done.stderr
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        command, stdout=writer, stderr=subprocess.PIPE, text=True, env=environment, check=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


def test_descriptions_can_be_inverted(answer: Run) -> None:
    assert len(answer("find", "a cat", "--how", "invert", "--count", "3")) == 3


@pytest.mark.parametrize(
    ("arguments", "alias"),
    [
        (("similar", "boy"), "similar-words"),
        (("alike", "boy", "girl"), "word-similarity"),
        (("find", "a", "cat"), "search"),
        (("kindred", "cat.jpg"), "similar-images"),
    ],
)
def test_commands_have_standard_aliases(answer: Run, arguments: tuple[str, ...], alias: str) -> None:
    assert answer(alias, *arguments[1:]) == answer(*arguments)


def test_a_failure_is_said_as_in_the_chat(failure: Run) -> None:
    assert failure("similar", "qwxz") == "I don't know the word “qwxz”. Please try another one.\n"
    assert failure("find", "cat + qwxz") == (
        "I don't know “qwxz”. Try simpler words, such as dog or beach.\n"
    )


def test_near_duplicates_are_named_in_json_and_counted_in_text() -> None:
    found = [Match("a.jpg", 0.5, confidence=0.75, near_duplicates=("b.jpg", "c.jpg")), Match("d.jpg", 0.25)]
    rows = queries.to_rows(found)
    assert rows[0]["near_duplicates"] == ["b.jpg", "c.jpg"]
    assert to_text(rows).splitlines() == ["0.500  0.750  a.jpg  and 2 like it", "0.250  None  d.jpg"]
