"""Nearest neighbours by pgvector: as those of the exact scan, whoever added the vectors."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import Any, cast

import numpy as np
import psycopg
import pytest
from psycopg import sql

from engine.gallery.embeddings import ImageEmbeddings, in_half_precision
from engine.search.ann_index import ExactIndex, recall_at
from engine.search.postgres import pg_index
from engine.search.postgres.connections import SCHEMA
from engine.search.postgres.pg_index import PostgresIndex
from engine.search.postgres.vector_table import VectorTable
from tests.engine.search.postgres.conftest import OpenTable
from tests.engine.search.test_ann_index import unit_vectors


def embeddings(count: int, prefix: str = "") -> ImageEmbeddings:
    images = tuple(f"{prefix}{row:05}.jpg" for row in range(count))
    rng = np.random.default_rng(3)
    signatures = rng.integers(1, 255, (count, 256), np.uint8)
    classes = rng.integers(0, 60_000, (count, 8, 2), np.uint16)
    states = {image: f"{row}-1" for row, image in enumerate(images)}
    return in_half_precision(ImageEmbeddings(images, unit_vectors(count), states, signatures, classes))


def never(_: str) -> bool:
    return False


def index(table: VectorTable, some: ImageEmbeddings) -> PostgresIndex:
    table.update(some, never)
    return PostgresIndex(table, some)


def rows(found: PostgresIndex, some: ImageEmbeddings) -> list[int]:
    return [row for row, _ in found.nearest(some.matrix[1], 10)]


def test_nearly_all_true_neighbours_are_found_with_their_cosines(open_table: OpenTable) -> None:
    some = embeddings(5_000)
    found, exact = index(open_table(), some), ExactIndex(some.matrix)
    assert recall_at(found, exact, some.matrix[:100]) >= 0.99
    row, cosine = found.nearest(some.matrix[5], 10)[0]
    assert (row, cosine) == (5, pytest.approx(1.0, abs=1e-5))
    cosines = [cosine for _, cosine in found.nearest(some.matrix[7], 300)]
    assert cosines == pytest.approx([cosine for _, cosine in exact.nearest(some.matrix[7], 300)], abs=1e-2)


def test_the_graph_answers_and_no_scan(open_table: OpenTable, url: str) -> None:
    some, table = embeddings(5_000), open_table()
    index(table, some)
    with psycopg.connect(url) as connection:
        connection.execute(f"SET search_path TO {SCHEMA}, public")
        query = str(some.matrix[0].tolist())
        statement = sql.SQL("EXPLAIN ") + table._nearest
        plan = "\n".join(line for (line,) in connection.execute(statement, (query, 64, 10)))
    assert f"nearest-{table.name}" in plan
    assert re.search(r"Limit .* rows=64 ", plan)


def test_the_larger_the_gallery_the_more_images_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    some, asked = embeddings(300), list[tuple[int, int]]()

    class Table:
        def nearest(self, vector: np.ndarray, count: int, *, candidates: int) -> tuple[str, ...]:
            asked.append((count, candidates))
            return some.images[:count]

    found = PostgresIndex(cast(VectorTable, Table()), some)
    found.nearest(some.matrix[0], 10)
    monkeypatch.setattr(pg_index, "IMAGES_PER_CANDIDATE", 10)
    found.nearest(some.matrix[0], 10)
    monkeypatch.setattr(pg_index, "MAX_CANDIDATES", 20)
    found.nearest(some.matrix[0], 10)
    assert asked == [(10, 3), (10, 30), (10, 20)]


def test_more_images_are_looked_at_than_are_wanted_and_never_fewer(
    open_table: OpenTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, limits = open_table(), list[tuple[int, int]]()

    def fetch(_: sql.Composed, parameters: tuple[str, int, int]) -> list[tuple[str]]:
        limits.append(parameters[1:])
        return []

    monkeypatch.setattr(table._connections, "fetch", fetch)
    for candidates in (300, 3):
        table.nearest(np.zeros(32), 10, candidates=candidates)
    assert limits == [(300, 10), (10, 10)]


def test_a_folder_that_holds_one_percent_still_gives_ten(open_table: OpenTable) -> None:
    many, few = embeddings(4_000, "2023/"), embeddings(40, "2024/summer/")
    spread = replace(few, matrix=many.matrix[:: len(many.matrix) // 40])
    both, table = many.joined(spread), open_table()
    index(table, both)
    for query in many.matrix[5:400:20]:
        images = table.nearest(query, 10, "2024/summer")
        assert len(images) == 10
        assert all(image.startswith("2024/summer/") for image in images)


def test_vectors_and_queries_of_zeros_are_no_exception(open_table: OpenTable) -> None:
    some = embeddings(50)
    some.matrix[7] = 0
    found = index(open_table(), some)
    assert {row for row, _ in found.nearest(some.matrix[3], 50)} == set(range(50))
    assert [cosine for _, cosine in found.nearest(np.zeros(32, np.float32), 5)] == [0.0] * 5


def test_another_process_finds_all_by_its_own_rows(open_table: OpenTable) -> None:
    some = embeddings(200)
    index(open_table(), some)
    table = open_table()
    other = table.fetch(dict(reversed(some.file_states.items())))
    assert set(other.images) == set(some.images)
    for row, image in enumerate(other.images):
        mine = some.rows[image]
        assert other.matrix[row] == pytest.approx(some.matrix[mine], abs=1e-6)
        assert (other.signatures[row] == some.signatures[mine]).all()
        assert (other.classes[row] == some.classes[mine]).all()
        assert other.file_states[image] == some.file_states[image]
    backwards = other.take(range(199, -1, -1), other.file_states)
    found = index(table, backwards)
    assert found.nearest(backwards.matrix[11], 1)[0][0] == 11


def test_only_what_has_the_asked_state_is_fetched(open_table: OpenTable) -> None:
    some, table = embeddings(20), open_table()
    assert not table.fetch(dict(some.file_states)).images
    index(table, some)
    wanted = {"00003.jpg": "3-1", "00004.jpg": "changed", "new.jpg": "1-1"}
    assert table.fetch(wanted).images == ("00003.jpg",)
    assert not table.fetch({}).images


def test_what_is_new_or_changed_is_added_and_what_is_gone_is_removed(open_table: OpenTable) -> None:
    some, table = embeddings(300), open_table()
    index(table, some)
    more = embeddings(301)
    moved = replace(
        more, matrix=more.matrix[::-1].copy(), file_states={**more.file_states, "00004.jpg": "9-9"}
    )
    found = index(table, moved)
    assert found.nearest(moved.matrix[300], 1)[0][0] == 300
    assert table.nearest(moved.matrix[4], 1) == ["00004.jpg"]
    fewer = some.take(range(10, 300), some.file_states)
    table.update(fewer, lambda image: image < "00005.jpg")  # the others of the ten may be somebody else's
    assert table.status() == (296, True)


def test_images_that_only_others_know_take_no_place(open_table: OpenTable) -> None:
    some, table = embeddings(120), open_table()
    index(table, some)
    mine = some.take(range(0, 120, 10), some.file_states)
    assert len(PostgresIndex(table, mine).nearest(mine.matrix[0], 10)) == 10
    assert len(PostgresIndex(table, mine).nearest(mine.matrix[0], 64)) == 12


def test_a_build_that_was_cut_off_is_made_up_for(
    open_table: OpenTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    some, table = embeddings(50), open_table()
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(VectorTable, "_build", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        table.update(some, never)
    assert table.status() == (50, False)
    table.update(some, never)
    assert table.status() == (50, True)


def test_more_than_the_server_is_asked_for_are_all_found(open_table: OpenTable) -> None:
    some = embeddings(1_500)
    assert len(index(open_table(), some).nearest(some.matrix[0], 1_200)) == 1_200


def test_while_the_server_is_away_a_scan_answers_and_the_log_says_so_once(
    open_table: OpenTable, server: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pg_index, "RETRY_INTERVAL", 0.0)
    caplog.set_level(logging.INFO)
    some = embeddings(300)
    found = index(open_table(), some)
    expected = rows(found, some)
    server.stop()
    try:
        for _ in range(3):
            assert rows(found, some) == expected
    finally:
        server.start()
    assert rows(found, some) == expected
    away, back = (record.message for record in caplog.records if record.name == pg_index.__name__)
    assert "compared instead" in away
    assert "used again" in back


def test_after_a_restart_the_first_search_is_answered_by_the_index(
    open_table: OpenTable, server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    some = embeddings(300)
    found = index(open_table(), some)
    expected = rows(found, some)
    server.stop()
    server.start()
    assert rows(found, some) == expected
    assert not [record for record in caplog.records if record.name == pg_index.__name__]
