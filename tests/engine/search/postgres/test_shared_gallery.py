"""A gallery whose index is in PostgreSQL: several processes share what each of them computed."""

from __future__ import annotations

import logging
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from bot.check.database import check_shared_index
from bot.finding import Mark
from bot.settings import Settings
from engine.cluster import followed_gallery
from engine.cluster.followed_gallery import FollowedGallery
from engine.database import MIN_SERVER_VERSION
from engine.errors import DatabaseError
from engine.gallery import galleries
from engine.model.checkpoint import Checkpoint
from engine.photos.preprocess import DecodedPhoto
from engine.search import live_gallery
from engine.search.ann_index import ExactIndex
from engine.search.live_gallery import LiveGallery
from engine.search.postgres import connections, schema
from engine.search.postgres.pg_index import PostgresIndex
from engine.settings import EngineSettings

MakeImage = Callable[..., Path]
SHOWN = 12


@pytest.fixture
def database(url: str, request: pytest.FixtureRequest) -> str:
    """The address of an empty database."""
    name = f"d{abs(hash(request.node.nodeid))}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return url.replace("/postgres?", f"/{name}?")


@pytest.fixture
def folder(make_image: MakeImage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for pause in ("SCAN_PAUSE", "BUILD_PAUSE", "PUBLISH_INTERVAL"):
        monkeypatch.setattr(live_gallery, pause, 0)
    for number in range(SHOWN):
        make_image(f"mine/{number}.png", (37 * number % 256, 91 * number % 256, 60))
    return tmp_path / "mine"


@pytest.fixture
def open_process(
    database: str, folder: Path, loaded: Checkpoint, tmp_path: Path
) -> Callable[..., LiveGallery]:
    """Return a function that opens the gallery as a process with a home of its own does."""

    def open_one(home: str, decode: Any = None, url: str = database) -> LiveGallery:
        return LiveGallery(loaded, settings_of(tmp_path / home, folder, url), live=True, decode=decode)

    return open_one


def settings_of(home: Path, folder: Path, url: str | None) -> EngineSettings:
    secret = SecretStr(url) if url else None
    return EngineSettings(
        home=home, gallery=folder, index="postgresql", database_url=secret, rescan=1e-9, two_stages=False
    )


def not_needed(_: bytes) -> DecodedPhoto:
    raise AssertionError("another process has computed it")


def found_by(gallery: LiveGallery, image: str) -> list[str]:
    return [match.image for match in gallery.retriever.similar_images(image, SHOWN)]


def test_a_second_process_computes_nothing_and_finds_the_same(
    open_process: Callable[..., LiveGallery],
) -> None:
    one = open_process("one")
    other = open_process("other", decode=not_needed)
    assert isinstance(one.retriever._index, PostgresIndex)
    assert isinstance(other.retriever._index, PostgresIndex)
    for number in range(SHOWN):
        assert found_by(other, f"{number}.png") == found_by(one, f"{number}.png")


def test_what_one_process_adds_and_removes_the_others_follow(
    open_process: Callable[..., LiveGallery], folder: Path, make_image: MakeImage
) -> None:
    one, other = open_process("one"), open_process("other")
    make_image("mine/new.png", (9, 200, 9))
    (folder / "3.png").unlink()
    for gallery in (one, other):
        while not (gallery.is_idle and "new.png" in gallery.retriever.embeddings.images):
            gallery.prepare()
        assert isinstance(gallery.retriever._index, PostgresIndex)
    assert found_by(one, "new.png") == found_by(other, "new.png")
    table = one.retriever._index._table  # type: ignore[attr-defined]
    assert table.status() == (SHOWN, True)
    shutil.rmtree(folder)  # a disk that is away, and says of every file that it is gone
    folder.mkdir()
    one.prepare()
    assert table.status() == (SHOWN, True)


def test_a_replica_serves_the_index_in_the_database_when_its_gallery_has_grown(
    database: str, folder: Path, loaded: Checkpoint, make_image: MakeImage, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(followed_gallery, "LOOK_INTERVAL", 0)
    monkeypatch.setattr(live_gallery, "SAVE_INTERVAL", 0)
    settings = settings_of(tmp_path / "shared", folder, database)
    indexer = LiveGallery(loaded, settings, live=True)
    followed = FollowedGallery(loaded, settings)
    make_image("mine/new.png", (0, 200, 0))
    while not (indexer.is_idle and "new.png" in indexer.retriever.embeddings.images):
        indexer.prepare()
    followed.maintain()  # by a scan
    assert isinstance(followed.retriever._index, ExactIndex)
    followed.maintain()
    assert "new.png" in followed.retriever.embeddings.images
    assert isinstance(followed.retriever._index, PostgresIndex)


def test_photos_are_indexed_while_the_database_is_away(
    open_process: Callable[..., LiveGallery],
    make_image: MakeImage,
    server: Any,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gallery = open_process("one")
    server.stop()
    try:
        make_image("mine/new.png", (9, 200, 9))
        for _ in range(8):
            gallery.prepare()
        assert isinstance(gallery.retriever._index, ExactIndex)
        assert "new.png" in gallery.retriever.embeddings.images
    finally:
        server.start()
    (line,) = (record.getMessage() for record in caplog.records if record.levelno == logging.WARNING)
    assert "The index cannot be written. KINDRED_DATABASE_URL: the database cannot be reached" in line
    monkeypatch.setattr(gallery, "_build_at", 0.0)
    gallery.prepare()
    assert isinstance(gallery.retriever._index, PostgresIndex)


def refused(open_process: Callable[..., LiveGallery], **options: Any) -> str:
    with pytest.raises(DatabaseError) as error:
        open_process("one", **options)
    (line,) = str(error.value).splitlines()
    return line


def test_a_database_that_cannot_be_used_is_told_in_one_line(
    open_process: Callable[..., LiveGallery], database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(schema, "CREATE_EXTENSION", "CREATE EXTENSION nothing_like_it")
        assert "has no pgvector. Install it there" in refused(open_process)
    with monkeypatch.context() as patch:
        patch.setattr("engine.database.MIN_SERVER_VERSION", 99)
        assert "is too old. Kindred needs 99" in refused(open_process)
    assert MIN_SERVER_VERSION == 14
    read_only = database + "&options=-cdefault_transaction_read_only%3Don"
    assert "only reads" in refused(open_process, url=read_only)
    assert "cannot be reached" in refused(open_process, url="postgresql://127.0.0.1:1/kindred")
    assert "no address of a PostgreSQL database" in refused(open_process, url="mysql://db")
    assert "KINDRED_INDEX: postgresql needs a database" in refused(open_process, url=None)
    open_process("two")
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIN_EXTENSION_VERSION", (99, 0))
        assert "ALTER EXTENSION vector UPDATE" in refused(open_process)
    monkeypatch.setattr(schema, "VERSION", 0)
    assert "newer Kindred" in refused(open_process)


def test_a_user_without_rights_is_told_who_can_help(
    open_process: Callable[..., LiveGallery], database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS guest_of_vectors")
        connection.execute("CREATE ROLE guest_of_vectors LOGIN")
    guest = database.replace("//postgres:", "//guest_of_vectors:")
    assert "CREATE EXTENSION vector" in refused(open_process, url=guest)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION vector")
    assert "GRANT CREATE ON DATABASE" in refused(open_process, url=guest)


def test_without_psycopg_the_line_says_how_to_get_it(
    open_process: Callable[..., LiveGallery], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "engine.search.postgres.vector_table", None)
    assert "pip install 'kindred[postgres]'" in refused(open_process)


def test_an_extension_in_a_schema_of_its_own_is_found(
    open_process: Callable[..., LiveGallery], database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute('CREATE SCHEMA "the extensions"')
        connection.execute('CREATE EXTENSION vector SCHEMA "the extensions"')
    assert len(found_by(open_process("one"), "1.png")) == SHOWN - 1
    assert connections.SCHEMA == "kindred_vectors"


def test_check_says_whether_the_index_is_complete(
    open_process: Callable[..., LiveGallery],
    database: str,
    folder: Path,
    loaded: Checkpoint,
    tmp_path: Path,
) -> None:
    settings = Settings.model_construct(**settings_of(tmp_path, folder, database).model_dump())
    gallery = galleries.open_gallery(settings)

    def check(images: int = SHOWN) -> tuple[Mark, str]:
        finding = check_shared_index(gallery, loaded, settings, images)
        return finding.mark, finding.message

    mark, message = check()
    assert (mark, "when it starts" in message) == (Mark.RIGHT, True)
    opened = open_process("one")
    mark, message = check()
    assert mark is Mark.RIGHT
    assert f"has {SHOWN} vectors and their index" in message
    assert check(SHOWN + 1)[0] is Mark.ADVICE
    name = opened.retriever._index._table.name  # type: ignore[attr-defined]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f'DROP INDEX kindred_vectors."nearest-{name}"')
    assert "no index" in check()[1]
