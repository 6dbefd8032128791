"""The connection to Ray: a cluster that runs already, or a Ray of one's own on this machine."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from engine.errors import ClusterError
from engine.settings import PREFIX, EngineSettings

CONNECT_TIMEOUT = 3.0  # seconds; Ray itself tries for minutes
OBJECT_STORE_BYTES = 256 * 2**20  # photos and results under way; Ray would take a third of the memory
# Read by Ray when it is imported.
ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",  # else Ray reports to its makers
    "RAY_SERVE_LOG_TO_STDERR": "0",
}
# Ray replaces 127.0.0.1 by the machine's address, except on the systems that this variable is named after.
LOOPBACK_ENVIRONMENT = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
LOOPBACK = "127."
OWN_ENVIRONMENT = {"RAY_worker_niceness": "0"}  # answers are as urgent as the bot; Ray's default is 15
# Replicas listen at all addresses, and do what they are asked. Without the token's variable, Ray writes a
# file that everybody may read.
AUTHENTICATION = {"RAY_AUTH_MODE": "token"}
TOKEN, TOKEN_FILE = "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"
SECRETS = ("TOKEN", "KEY", "SECRET", "DATABASE_URL")  # ends of variables that replicas have no need of
NO_RAY = "Ray is not installed. Install it (pip install 'kindred[ray]'), or unset the variable."
FOLDER = "kindred-ray-"  # beginning of the names of our temporary folders; a process id follows
QUIET = {"log_to_driver": False, "configure_logging": False, "namespace": "kindred"}


def import_ray(settings: EngineSettings | None = None) -> ModuleType:
    """Import Ray, which is installed only where it is wanted.

    Args:
        settings: for the first import, which fixes how Ray is started.

    Raises:
        ClusterError: it is not installed.
    """
    if settings:
        os.environ.update(ENVIRONMENT)
        if (settings.ray_address or LOOPBACK).startswith(LOOPBACK):
            os.environ.update(LOOPBACK_ENVIRONMENT)
        if settings.ray_address is None:
            os.environ.update(OWN_ENVIRONMENT)
            os.environ.setdefault(TOKEN, secrets.token_hex(32))
        if _has_token():
            os.environ.update(AUTHENTICATION)
    try:
        import ray
    except ModuleNotFoundError as error:
        raise ClusterError(f"KINDRED_ENGINE: {NO_RAY}") from error
    return ray


@contextmanager
def connected(settings: EngineSettings) -> Iterator[None]:
    """Connect this process to Ray while the block runs: to a cluster, or to a Ray that ends with the block.

    Raises:
        ClusterError: Ray is not installed or does not start, or the cluster cannot be reached.
    """
    ray = import_ray(settings)
    for name in ("ray", "ray.serve", "ray.data"):  # what matters comes as an exception
        logging.getLogger(name).setLevel(logging.ERROR)
    _remove_leftovers()
    prefix = f"{FOLDER}{os.getpid()}-"
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder:
        if settings.ray_address is None:
            _start(ray, settings, Path(folder) / "ray")  # Ray lets everybody write into this one
        else:
            _join(ray, settings.ray_address)
        try:
            yield
        finally:
            ray.shutdown()


def first_line(error: Exception) -> str:
    """Return what an error says, without the traceback of another process that Ray adds to it."""
    error = getattr(error, "cause", None) or error
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _has_token() -> bool:
    named = TOKEN in os.environ or TOKEN_FILE in os.environ
    return named or (Path.home() / ".ray" / "auth_token").is_file()  # of `ray get-auth-token --generate`


def _start(ray: ModuleType, settings: EngineSettings, folder: Path) -> None:
    """Start a Ray of this machine alone, whose files lie in a folder."""
    options: dict[str, Any] = {
        "num_cpus": max(settings.max_replicas or 0, settings.replicas, os.cpu_count() or 1),
        "object_store_memory": OBJECT_STORE_BYTES,
        "include_dashboard": False,
        "_temp_dir": str(folder),
    }
    try:
        with _without_secrets():
            ray.init(address="local", **options, **QUIET)
    except Exception as error:  # Ray raises Exception itself where a node does not start in time
        raise ClusterError(f"Ray does not start on this machine: {first_line(error)}") from error


def _remove_leftovers() -> None:
    """Remove the folders of processes that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER}*-*"):
        owner = folder.name.removeprefix(FOLDER).partition("-")[0]
        try:
            os.kill(int(owner), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except (ValueError, PermissionError):  # not ours
            continue


def _join(ray: ModuleType, address: str) -> None:
    """Connect to a cluster, one of whose nodes is this machine."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), CONNECT_TIMEOUT).close()
    except OSError as error:
        raise ClusterError(
            f"KINDRED_RAY_ADDRESS: nothing answers at {address} ({error.strerror or error}). Start the "
            f"cluster there: ray start --head --port {port}"
        ) from error
    try:
        ray.init(address=address, **QUIET)
    except Exception as error:  # as above
        raise ClusterError(
            f"KINDRED_RAY_ADDRESS: {address} does not take this machine in ({first_line(error)}). It needs "
            f"the head's ~/.ray/auth_token, and a node: ray start --address {address} --num-cpus 0"
        ) from error


@contextmanager
def _without_secrets() -> Iterator[None]:
    """Start processes that do not inherit the bot's secrets."""
    hidden = {name: os.environ.pop(name) for name in [*os.environ] if _is_secret(name)}
    try:
        yield
    finally:
        os.environ.update(hidden)


def _is_secret(name: str) -> bool:
    return name.startswith(PREFIX) and name.removesuffix("_FILE").endswith(SECRETS)
