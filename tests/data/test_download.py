"""Downloading Flickr8K from a local HTTP server that drops connections, damages files and refuses."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import socket
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from data import __main__ as command
from data import download as download_module
from data import transfer
from data.download import ARCHIVES, TIMEOUT, Archive, DownloadError, fetch, part_size
from data.transfer import ANEW
from tests.data.mirror import Serve, serve

__all__ = ["serve"]

PHOTO = b"\xff\xd8" + bytes(range(256)) * 40


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, PHOTO)
    return buffer.getvalue()


def archive_of(body: bytes) -> Archive:
    return Archive("photos.zip", hashlib.md5(body).hexdigest(), "Photos", ".jpg")


def unused_url() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


GOOD = zipped("Photos/1.jpg", "Photos/2.jpg")
PHOTOS = archive_of(GOOD)


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_photos_are_unpacked_and_the_zip_is_deleted(serve: Serve, tmp_path: Path) -> None:
    fetch(tmp_path / "new", [serve({"photos.zip": GOOD}).url], [PHOTOS])
    assert names(tmp_path / "new") == ["Photos", "Photos/1.jpg", "Photos/2.jpg"]
    assert (tmp_path / "new/Photos/1.jpg").read_bytes() == PHOTO


def test_a_complete_folder_is_left_alone(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "Photos").mkdir()
    (tmp_path / "Photos/mine.jpg").write_bytes(b"mine")
    mirror = serve({"photos.zip": GOOD})
    fetch(tmp_path, [mirror.url], [PHOTOS])
    assert names(tmp_path) == ["Photos", "Photos/mine.jpg"]
    assert not mirror.ranges_requested


def test_a_dropped_connection_is_resumed(serve: Serve, tmp_path: Path) -> None:
    mirror = serve({"photos.zip": GOOD}, cut_after=[7000, 5000])
    fetch(tmp_path, [mirror.url], [PHOTOS])
    assert mirror.ranges_requested == [None, "bytes=7000-", "bytes=12000-"]
    assert (tmp_path / "Photos/2.jpg").read_bytes() == PHOTO


def test_a_later_call_resumes_the_download(serve: Serve, tmp_path: Path) -> None:
    failing = serve({"photos.zip": GOOD}, cut_after=[100, 100, 100, 0])
    with pytest.raises(DownloadError, match="the connection was cut"):
        fetch(tmp_path, [failing.url], [PHOTOS])
    assert (tmp_path / ".photos.zip.part").read_bytes() == GOOD[:300]
    mirror = serve({"photos.zip": GOOD})
    fetch(tmp_path, [mirror.url], [PHOTOS])
    assert mirror.ranges_requested == ["bytes=300-"]


def test_the_download_restarts_if_the_server_ignores_ranges(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / ".photos.zip.part").write_bytes(GOOD[:300])
    mirror = serve({"photos.zip": GOOD}, ranges=False)
    fetch(tmp_path, [mirror.url], [PHOTOS])
    assert mirror.ranges_requested == ["bytes=300-"]
    assert (tmp_path / "Photos/1.jpg").read_bytes() == PHOTO


def test_a_complete_part_needs_no_network(tmp_path: Path) -> None:
    (tmp_path / ".photos.zip.part").write_bytes(GOOD)
    fetch(tmp_path, [unused_url()], [PHOTOS])
    assert names(tmp_path) == ["Photos", "Photos/1.jpg", "Photos/2.jpg"]


def test_the_second_mirror_resumes_where_the_first_dropped(serve: Serve, tmp_path: Path) -> None:
    first = serve({"photos.zip": GOOD}, cut_after=[50, 0])
    second = serve({"photos.zip": GOOD})
    fetch(tmp_path, [first.url, second.url], [PHOTOS])
    assert second.ranges_requested == ["bytes=50-"]


def test_the_second_mirror_is_used_if_the_first_lacks_the_file(serve: Serve, tmp_path: Path) -> None:
    fetch(tmp_path, [serve({}).url, serve({"photos.zip": GOOD}).url], [PHOTOS])
    assert (tmp_path / "Photos").is_dir()


def test_a_damaged_zip_is_discarded_and_fetched_from_the_next_mirror(serve: Serve, tmp_path: Path) -> None:
    damaged = GOOD[:500] + b"?" + GOOD[501:]
    good = serve({"photos.zip": GOOD})
    fetch(tmp_path, [serve({"photos.zip": damaged}).url, good.url], [PHOTOS])
    assert good.ranges_requested == [None]
    assert (tmp_path / "Photos/1.jpg").read_bytes() == PHOTO


def test_a_zip_damaged_everywhere_leaves_nothing_behind(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"photos\.zip could not be fetched .*the file is damaged"):
        fetch(tmp_path, [serve({"photos.zip": GOOD + b"?"}).url], [PHOTOS])
    assert names(tmp_path) == []


def test_a_part_longer_than_the_file_is_discarded(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / ".photos.zip.part").write_bytes(GOOD + b"more")
    mirror = serve({"photos.zip": GOOD})
    fetch(tmp_path, [mirror.url, mirror.url], [PHOTOS])
    assert mirror.ranges_requested == [f"bytes={len(GOOD) + 4}-", None]


def test_a_captive_portal_does_not_discard_the_part(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / ".photos.zip.part").write_bytes(GOOD[:300])
    portal = serve({"photos.zip": b"<html>"}, ranges=False, content_type="text/html")
    with pytest.raises(DownloadError, match="a web page in place of the file"):
        fetch(tmp_path, [portal.url], [PHOTOS])
    assert (tmp_path / ".photos.zip.part").read_bytes() == GOOD[:300]


LOGIN_PAGE = b"<html>Welcome to the hotel"


@pytest.mark.parametrize("page", [LOGIN_PAGE, LOGIN_PAGE * 99])
def test_a_login_page_that_looks_like_a_file_does_not_discard_the_part(
    serve: Serve, tmp_path: Path, page: bytes
) -> None:
    (tmp_path / ".photos.zip.part").write_bytes(GOOD[:300])
    with pytest.raises(DownloadError, match="the file is damaged"):
        fetch(tmp_path, [serve({"photos.zip": page}, ranges=False).url], [PHOTOS])
    assert (tmp_path / ".photos.zip.part").read_bytes() == GOOD[:300]
    assert names(tmp_path) == [".photos.zip.part"]
    fetch(tmp_path, [serve({"photos.zip": GOOD}).url], [PHOTOS])
    assert (tmp_path / "Photos/2.jpg").read_bytes() == PHOTO


def test_a_server_without_ranges_that_is_cut_costs_nothing_of_a_longer_part(
    serve: Serve, tmp_path: Path
) -> None:
    (tmp_path / ".photos.zip.part").write_bytes(GOOD[:300])
    with pytest.raises(DownloadError, match="the connection was cut"):
        fetch(tmp_path, [serve({"photos.zip": GOOD}, ranges=False, cut_after=[200]).url], [PHOTOS])
    assert (tmp_path / ".photos.zip.part").read_bytes() == GOOD[:300]
    with pytest.raises(DownloadError, match="the connection was cut"):
        fetch(tmp_path, [serve({"photos.zip": GOOD}, ranges=False, cut_after=[400, 200]).url], [PHOTOS])
    assert (tmp_path / ".photos.zip.part").read_bytes() == GOOD[:400]


def test_a_range_from_another_offset_is_not_appended(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / ".photos.zip.part").write_bytes(GOOD[:300])
    with pytest.raises(DownloadError, match="another part of the file"):
        fetch(tmp_path, [serve({"photos.zip": GOOD}, shift=10).url], [PHOTOS])
    assert (tmp_path / ".photos.zip.part").read_bytes() == GOOD[:300]


def test_a_download_goes_on_as_long_as_each_connection_brings_more(serve: Serve, tmp_path: Path) -> None:
    mirror = serve({"photos.zip": GOOD}, cut_after=[1_000] * 15)
    fetch(tmp_path, [mirror.url], [PHOTOS])
    assert len(mirror.ranges_requested) == 16
    assert (tmp_path / "Photos/2.jpg").read_bytes() == PHOTO


def test_more_bytes_than_the_file_can_have_are_not_taken(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "MAX_BYTES", len(GOOD))
    (tmp_path / ".photos.zip.part").write_bytes(GOOD[:300])
    with pytest.raises(DownloadError, match="more bytes than the file has"):
        fetch(tmp_path, [serve({"photos.zip": GOOD * 2}).url], [PHOTOS])
    assert (tmp_path / ".photos.zip.part").read_bytes() == GOOD[:300]


def test_a_file_of_just_the_size_it_can_have_is_taken(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "MAX_BYTES", len(GOOD))
    fetch(tmp_path, [serve({"photos.zip": GOOD}).url], [PHOTOS])
    assert (tmp_path / "Photos/2.jpg").read_bytes() == PHOTO


def test_nothing_is_taken_of_a_file_that_is_announced_as_too_long(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "MAX_BYTES", 2 * len(GOOD) - 1)
    reports: list[int] = []
    mirror = serve({"photos.zip": GOOD * 2}, cut_after=[1_000])
    with pytest.raises(DownloadError, match="more bytes than the file has"):
        fetch(tmp_path, [mirror.url], [PHOTOS], lambda name, done, total: reports.append(done))
    assert reports == []


def test_what_was_written_of_a_file_that_never_ends_is_taken_back(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "MAX_BYTES", 10 * len(GOOD))
    (tmp_path / ".photos.zip.part").write_bytes(GOOD[:300])
    reports: list[int] = []
    mirror = serve({"photos.zip": GOOD * 20}, announced=False)
    with pytest.raises(DownloadError, match="more bytes than the file has"):
        fetch(tmp_path, [mirror.url], [PHOTOS], lambda name, done, total: reports.append(done))
    assert len(reports) > 1
    assert (tmp_path / ".photos.zip.part").read_bytes() == GOOD[:300]


def test_a_mirror_that_has_moved_is_followed(serve: Serve, tmp_path: Path) -> None:
    new = serve({"photos.zip": GOOD})
    fetch(tmp_path / "a new" / "folder", [serve({}, moved_to=new.url).url], [PHOTOS])
    assert (tmp_path / "a new" / "folder" / "Photos/2.jpg").read_bytes() == PHOTO


def test_the_smallest_piece_is_on_the_disk_when_it_is_reported(tmp_path: Path) -> None:
    """Else a kill would cost what a slow connection took minutes for."""

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=iter([b"abc", b"de"]))

    def report(_: str, done: int, total: int | None) -> None:
        assert transfer.size_of(tmp_path / "a.part") == done
        assert total is None

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        assert transfer.download(client, "http://x/a.zip", tmp_path / "a.part", "", report) is None
    assert (tmp_path / "a.part").read_bytes() == b"abcde"


def test_a_mirror_that_does_not_answer_is_named(tmp_path: Path) -> None:
    def time_out(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("", request=request)

    with httpx.Client(transport=httpx.MockTransport(time_out)) as client:
        problem = transfer.download(client, "http://x/a.zip", tmp_path / "a.part", "", lambda *_: None)
    assert problem == "no answer"


def test_being_offline_is_reported_in_one_sentence(tmp_path: Path) -> None:
    assert (TIMEOUT.connect, TIMEOUT.read) == (5, 30)  # seconds, to each mirror and between two chunks
    with pytest.raises(DownloadError) as caught:
        fetch(tmp_path, [unused_url(), unused_url()], [PHOTOS])
    assert str(caught.value).count("127.0.0.1: no connection") == 2
    assert str(caught.value).endswith("it goes on where it stopped.")
    assert "\n" not in str(caught.value)


def test_only_expected_files_are_unpacked(serve: Serve, tmp_path: Path) -> None:
    body = zipped(
        "Photos/1.jpg", "2.jpg", "__MACOSX/Photos/._1.jpg", "Photos/._3.jpg", "run.sh", "deep/er/4.jpg"
    )
    fetch(tmp_path, [serve({"photos.zip": body}).url], [archive_of(body)])
    assert names(tmp_path) == ["Photos", "Photos/1.jpg", "Photos/2.jpg"]


@pytest.mark.parametrize("path", ["../evil.jpg", "/evil.jpg", "Photos/../../evil.jpg"])
def test_a_path_traversal_is_refused(serve: Serve, tmp_path: Path, path: str) -> None:
    body = zipped("Photos/1.jpg", path)
    with pytest.raises(DownloadError, match="unsafe path"):
        fetch(tmp_path / "in", [serve({"photos.zip": body}).url], [archive_of(body)])
    assert not list(tmp_path.rglob("*.jpg"))


@pytest.mark.parametrize(
    ("body", "complaint"), [(b"no zip at all", "not a zip"), (zipped("readme.md"), "holds no .jpg file")]
)
def test_an_unusable_zip_is_reported(serve: Serve, tmp_path: Path, body: bytes, complaint: str) -> None:
    with pytest.raises(DownloadError, match=complaint):
        fetch(tmp_path, [serve({"photos.zip": body}).url], [archive_of(body)])
    assert not (tmp_path / "Photos").exists()


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    usage = type(shutil.disk_usage(tmp_path))(10**9, 10**9 - 10**6, 10**6)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)


def test_the_disk_has_to_have_room_for_what_is_not_here_yet(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".photos.zip.part").write_bytes(GOOD[:300])
    free = 2_500_000_000 - 301
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    with pytest.raises(DownloadError, match="of free disk"):
        fetch(tmp_path, [serve({"photos.zip": GOOD}).url], [PHOTOS])
    free += 1
    fetch(tmp_path, [serve({"photos.zip": GOOD}).url], [PHOTOS])


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_is_reported_before_the_download(serve: Serve, tmp_path: Path) -> None:
    mirror = serve({"photos.zip": GOOD})
    with pytest.raises(DownloadError, match=r"needs 2\.50GB of free disk, and .* has 1\.00MB\.$"):
        fetch(tmp_path, [mirror.url], [PHOTOS])
    assert not mirror.ranges_requested


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_does_not_matter_if_nothing_is_missing(tmp_path: Path) -> None:
    (tmp_path / "Photos").mkdir()
    (tmp_path / "Photos/mine.jpg").touch()
    fetch(tmp_path, [unused_url()], [PHOTOS])


def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(DownloadError, match=r"could not be written to .*: Not a directory\.$"):
        fetch(tmp_path / "file/below", [unused_url()], [PHOTOS])


def test_the_command_line_prints_one_line_and_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "fetch", lambda folder: fetch(folder, [unused_url()]))
    assert command.main(["fetch", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "Flickr8k_text.zip could not be fetched" in err


def test_ctrl_c_exits_with_status_130(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "fetch", interrupted)
    assert command.main(["fetch", str(tmp_path)]) == 130
    assert "goes on from here" in capsys.readouterr().err


def test_the_command_line_prints_what_is_there(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bodies = {"Flickr8k_Dataset.zip": zipped("Flicker8k_Dataset/7_a.jpg"), "Flickr8k_text.zip": _texts()}
    small = [Archive(a.name, hashlib.md5(bodies[a.name]).hexdigest(), a.folder, a.suffix) for a in ARCHIVES]
    mirror = serve(bodies)
    monkeypatch.setattr(command, "fetch", lambda folder: fetch(folder, [mirror.url], small))
    assert command.main(["fetch", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith(f"1 photos in {tmp_path}; set FLICKR8K_DIR=")


def _texts() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("Flickr8k.token.txt", "7_a.jpg#0\tA dog runs .\n")
        archive.writestr("__MACOSX/._Flickr8k.token.txt", "?")
    return buffer.getvalue()


def test_progress_is_reported_from_where_an_earlier_call_stopped(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / ".photos.zip.part").write_bytes(GOOD[:300])
    assert part_size(tmp_path) == 300
    reports: list[tuple[str, int, int | None]] = []

    def report(name: str, done: int, total: int | None) -> None:
        reports.append((name, done, total))
        assert part_size(tmp_path) == done  # on the disk: a kill costs nothing

    fetch(tmp_path, [serve({"photos.zip": GOOD}).url], [PHOTOS], report)
    assert {(name, total) for name, _, total in reports} == {("photos.zip", len(GOOD))}
    done = [count for _, count, _ in reports]
    assert done == sorted(done)
    assert done[0] > 300
    assert done[-1] == len(GOOD)
    assert part_size(tmp_path) == 0


def test_a_progress_bar_begins_where_the_file_does(monkeypatch: pytest.MonkeyPatch) -> None:
    bars: list[dict[str, Any]] = []

    class Bar:
        def __init__(self, **options: Any) -> None:
            self.state = options | {"done": options["initial"], "closed": False}
            bars.append(self.state)

        def update(self, more: int) -> None:
            self.state["done"] += more

        def close(self) -> None:
            self.state["closed"] = True

    monkeypatch.setattr(download_module, "tqdm", Bar)
    show = download_module._Bar()
    show("a.zip", 0, 90)
    for name, done in (("a.zip", 30), ("a.zip", 30), ("a.zip", 90), ("b.zip", 95), ("b.zip", 96)):
        show(name, done, 100)
    show("b.zip", 10, 100)  # once more, from its beginning
    show("b.zip", 60, 100)
    shown = [(bar["desc"], bar["initial"], bar["total"], bar["done"], bar["closed"]) for bar in bars]
    assert shown == [
        ("a.zip", 0, 90, 90, True),
        ("b.zip", 95, 100, 96, True),
        ("b.zip", 10, 100, 60, False),
    ]
    assert all(bar["unit_scale"] and bar["disable"] is None for bar in bars)  # none without a terminal


def test_a_report_can_stop_the_download_which_goes_on_later(serve: Serve, tmp_path: Path) -> None:
    def stop(*_: object) -> None:
        raise DownloadError("stopped")

    mirror = serve({"photos.zip": GOOD}, cut_after=[300])
    with pytest.raises(DownloadError, match="stopped"):
        fetch(tmp_path, [mirror.url], [PHOTOS], stop)
    assert (tmp_path / ".photos.zip.part").read_bytes() == GOOD[:300]
    fetch(tmp_path, [mirror.url], [PHOTOS])
    assert mirror.ranges_requested == [None, "bytes=300-"]


@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be locked there")
def test_two_processes_do_not_fetch_into_one_folder(serve: Serve, tmp_path: Path) -> None:
    import fcntl

    mirror, descriptor = serve({"photos.zip": GOOD}), os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(DownloadError, match="Another process is fetching"):
        fetch(tmp_path, [mirror.url], [PHOTOS])
    assert not mirror.ranges_requested
    os.close(descriptor)  # as when that process ends
    fetch(tmp_path, [mirror.url], [PHOTOS])


def test_what_a_killed_process_had_unpacked_is_removed(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / ".unpack-x" / "Photos").mkdir(parents=True)
    (tmp_path / ".unpack-x" / "Photos" / "1.jpg").write_bytes(PHOTO)
    (tmp_path / f".photos.zip{ANEW}").write_bytes(PHOTO)
    fetch(tmp_path, [serve({"photos.zip": GOOD}).url], [PHOTOS])
    assert names(tmp_path) == ["Photos", "Photos/1.jpg", "Photos/2.jpg"]
