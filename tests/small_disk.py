"""A real small disk: a tmpfs in a mount namespace of a child process, gone when the child ends."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

# "$0" is the folder, "$1" the size, the rest is the command that has the disk there.
MOUNT = 'mount -t tmpfs -o size="$1" none "$0" && shift && exec "$@"'
NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", MOUNT)
NO_DISK = "no disk can be mounted here (user namespaces are off, or the system has none)"


def run_on_small_disk(folder: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a module of the tests in a child process that has a disk of 1 MB at a folder, its first argument.

    The test is skipped where a process may not mount anything.
    """
    folder.mkdir(exist_ok=True)
    if not can_mount(folder):
        pytest.skip(NO_DISK)
    command = (*on_small_disk(folder, 1), sys.executable, "-m", module, str(folder), *arguments)
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def on_small_disk(folder: Path, megabytes: int) -> tuple[str, ...]:
    """Return a command that runs the one behind it, in the same process, with a small disk at a folder."""
    return (*NAMESPACE, str(folder), f"{megabytes}m")


@cache
def can_mount(folder: Path) -> bool:
    """Return whether a process may mount a disk."""
    if not shutil.which("unshare"):
        return False
    attempt = subprocess.run((*on_small_disk(folder, 1), "true"), capture_output=True, check=False)
    return attempt.returncode == 0
