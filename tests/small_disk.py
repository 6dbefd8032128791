"""A real disk of one megabyte: a tmpfs in a mount namespace of a child process, gone when the child ends."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

# "$0" is the folder, "$@" the command that has the disk there.
MOUNT = 'mount -t tmpfs -o size=1m none "$0" && exec "$@"'
NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", MOUNT)


def run_on_small_disk(folder: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a module of the tests in a child process that has the disk at a folder, its first argument.

    The test is skipped where a process may not mount anything.
    """
    folder.mkdir(exist_ok=True)
    if not _may_mount(folder):
        pytest.skip("no disk can be mounted here (user namespaces are off, or the system has none)")
    command = (*NAMESPACE, str(folder), sys.executable, "-m", module, str(folder), *arguments)
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@cache
def _may_mount(folder: Path) -> bool:
    if not shutil.which("unshare"):
        return False
    attempt = subprocess.run((*NAMESPACE, str(folder), "true"), capture_output=True, check=False)
    return attempt.returncode == 0
