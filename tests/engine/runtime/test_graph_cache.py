"""Compiled graphs are kept for the next start, and never taken for others."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

import numpy as np
import openvino
import pytest

from engine.runtime import compiled_graph, graph_cache
from engine.runtime.compiled_graph import CompiledGraph
from engine.runtime.graph_cache import GraphCache
from tests.engine.runtime.test_compiled_graph import doubling, numbers


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the graphs that are compiled from now on."""
    names: list[str] = []

    class RecordingCore(openvino.Core):
        def compile_model(self, model: openvino.Model, *given: object) -> openvino.CompiledModel:
            names.append(model.friendly_name)
            return super().compile_model(model, *given)

    core = RecordingCore()
    monkeypatch.setattr(compiled_graph, "_core", lambda: core)
    return names


def start(folder: Path, network: str = "weights", size: int = 3) -> np.ndarray:
    """Return the result of a graph as a new process would compute it."""
    return CompiledGraph("doubling", doubling, static_shapes=1, compiled=GraphCache(folder, network))(
        numbers(size)
    )[0]


def test_a_second_start_compiles_nothing(tmp_path: Path, compilations: list[str]) -> None:
    results = [start(tmp_path / "graphs") for _ in range(2)]
    assert [one.tolist() for one in results] == [[0, 2, 4]] * 2
    assert compilations == ["doubling"]


@pytest.mark.parametrize("static_shapes", [0, 1])
def test_what_a_former_start_compiled_can_be_loaded_before_the_first_call(
    tmp_path: Path, compilations: list[str], monkeypatch: pytest.MonkeyPatch, static_shapes: int
) -> None:
    def graph() -> CompiledGraph:
        compiled = GraphCache(tmp_path, "weights")
        return CompiledGraph("doubling", doubling, static_shapes=static_shapes, compiled=compiled)

    first = graph()
    first.load((3,))  # there is nothing yet
    assert compilations == []
    first(numbers(3))
    again = graph()
    again.load((3,))
    monkeypatch.setattr(again, "_compile", None)
    assert again(numbers(3))[0].tolist() == [0, 2, 4]


def test_other_weights_shapes_and_processors_have_graphs_of_their_own(
    tmp_path: Path, compilations: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    start(tmp_path)
    start(tmp_path, network="other weights")
    start(tmp_path, size=4)
    monkeypatch.setattr(graph_cache.processor, "description", lambda: "another processor")
    start(tmp_path)
    assert len(compilations) == len(list(tmp_path.iterdir())) == 4


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_damaged_file_is_made_anew(
    tmp_path: Path, compilations: list[str], share: float, caplog: pytest.LogCaptureFixture
) -> None:
    start(tmp_path)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)] if share < 1 else whole[:-1] + b"?")
    assert start(tmp_path).tolist() == [0, 2, 4]
    assert len(compilations) == 2
    assert "is damaged, and is made anew" in caplog.text
    assert file.read_bytes()[:100] == whole[:100]


def test_a_whole_file_that_openvino_refuses_is_made_anew(
    tmp_path: Path, compilations: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    start(tmp_path)
    (file,) = tmp_path.iterdir()
    blob = b"of another build of the same version"
    file.write_bytes(blob + hashlib.sha256(blob).digest())
    assert start(tmp_path).tolist() == [0, 2, 4]
    assert len(compilations) == 2
    assert "cannot be loaded" in caplog.text


def test_without_a_place_to_write_all_is_compiled_and_that_is_said_once(
    tmp_path: Path, compilations: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    caplog.set_level(logging.WARNING)
    cache = GraphCache(tmp_path / "file" / "graphs", "weights")
    for name in ("first", "second"):
        assert CompiledGraph(name, doubling, compiled=cache)(numbers(3))[0].tolist() == [0, 2, 4]
    assert len(compilations) == 2
    assert caplog.text.count("Compiled graphs cannot be kept") == 1
