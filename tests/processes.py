"""Processes of this machine, as Linux lists them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

REPLICA_NAME: Final = "ray::ServeReplica"  # how the command line of a replica begins
ANYWHERE: Final = {"00000000", "0" * 32}  # addresses of all interfaces, as `listening` returns them
LISTEN: Final = "0A"


def family() -> set[int]:
    """Return this process and those that descend from it."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text("ascii", "replace").rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        parents[int(folder.name)] = int(fields[1])
    found = {os.getpid()}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def named(name: str) -> list[int]:
    """Return the processes of the family whose command line begins with a name."""
    return sorted(process for process in family() if _command(process).startswith(name))


def listening(processes: Iterable[int]) -> Iterator[tuple[str, int]]:
    """Return the addresses, 4 or 16 bytes in hexadecimal, and the ports at which processes listen."""
    sockets = set()
    for process in processes:
        for file in (Path("/proc") / str(process) / "fd").glob("*"):
            try:
                sockets.add(os.readlink(file))  # noqa: PTH115
            except OSError:
                continue
    for table in ("tcp", "tcp6"):
        for line in (Path("/proc/net") / table).read_text("ascii").splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            if state == LISTEN and f"socket:[{inode}]" in sockets:
                address, port = local.split(":")
                yield address, int(port, 16)


def _command(process: int) -> str:
    try:
        return (Path("/proc") / str(process) / "cmdline").read_text("utf-8", "replace")
    except OSError:
        return ""
