"""What a Ray of one's own leaves open to others, and what is said where Ray cannot be used."""

from __future__ import annotations

import os
import socket
import stat
import sys
from pathlib import Path

import pytest

from engine.cluster.connection import FOLDER, _has_token, _is_secret, _remove_leftovers, connected
from engine.errors import ClusterError
from engine.settings import EngineSettings
from tests.ports import free_port
from tests.processes import ANYWHERE, REPLICA_NAME, family, listening, named

pytestmark = pytest.mark.filterwarnings("ignore")  # those of Ray itself
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="not Linux: there is no /proc")


@LINUX
def test_ray_listens_at_the_loopback_address_only(on_ray: EngineSettings) -> None:
    others = family() - set(named(REPLICA_NAME))  # of which there is a test beside those of replicas
    addresses = dict(listening(others))
    assert addresses
    assert not ANYWHERE.intersection(addresses)


@LINUX
def test_processes_of_ray_get_no_secret_of_the_bot(on_ray: EngineSettings) -> None:
    for process in family() - {os.getpid()}:
        names = (Path("/proc") / str(process) / "environ").read_bytes().split(b"\0")
        assert not [name for name in names if name.startswith(b"KINDRED_TOKEN")]


def test_what_ray_writes_is_in_a_folder_of_this_user_alone(on_ray: EngineSettings) -> None:
    import ray

    session = Path(ray._private.worker._global_node.get_session_dir_path())
    (folder,) = (one for one in session.parents if one.name.startswith(FOLDER))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"


def test_folders_of_killed_processes_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    dead, alive, other = (tmp_path / f"{FOLDER}{name}-x" for name in (2**22 + 1, os.getpid(), "ours"))
    for folder in (dead, alive, other):
        folder.mkdir()
    _remove_leftovers()
    assert set(tmp_path.iterdir()) == {alive, other}


def test_a_token_file_is_used_if_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("RAY_AUTH_TOKEN", raising=False)
    assert not _has_token()
    (tmp_path / ".ray").mkdir()
    (tmp_path / ".ray" / "auth_token").touch()
    assert _has_token()


def test_without_ray_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    settings = EngineSettings(engine="ray", ray_address="127.0.0.1:6379")
    with (
        pytest.raises(ClusterError, match=r"Ray is not installed\. Install it \(pip install") as raised,
        connected(settings),
    ):
        pass
    assert "\n" not in str(raised.value)


def test_a_head_that_is_away_is_named(on_ray: EngineSettings) -> None:
    address = f"127.0.0.1:{free_port()}"
    with (
        pytest.raises(ClusterError, match=f"nothing answers at {address}") as raised,
        connected(EngineSettings(engine="ray", ray_address=address)),
    ):
        pass
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("KINDRED_TOKEN", True),
        ("KINDRED_TOKEN_FILE", True),
        ("KINDRED_WEB_KEY", True),
        ("KINDRED_WEBHOOK_SECRET", True),
        ("KINDRED_DATABASE_URL", True),
        ("KINDRED_HOME", False),
        ("RAY_AUTH_TOKEN", False),
    ],
)
def test_secrets_are_known_by_their_names(name: str, secret: bool) -> None:
    assert _is_secret(name) is secret


def test_own_addresses_are_told_from_all(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("not Linux: there is no /proc")
    with socket.create_server(("0.0.0.0", 0)):
        assert ANYWHERE.intersection(dict(listening({os.getpid()})))
