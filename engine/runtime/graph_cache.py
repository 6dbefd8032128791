"""Compiled graphs on disk: loading one takes less time than compiling it.

A compiled graph serves one version of OpenVINO and one kind of processor. File names are digests of all that
it depends on, so that a file never serves anything else, and each file ends with a digest of itself.
"""

from __future__ import annotations

import hashlib
import logging
from functools import cache
from pathlib import Path

import openvino

from engine import files
from engine.runtime import processor

log = logging.getLogger(__name__)

SUFFIX = ".graph"
DIGEST_BYTES = 32


class GraphCache:
    """The compiled graphs of one network in one folder."""

    def __init__(self, folder: Path, network: str) -> None:
        """Take a folder, which is created when a graph is saved.

        Args:
            folder: of the files.
            network: what tells the network from others, and what it is computed in.
        """
        self._folder, self._network = folder, network
        self._is_writable = True

    def file(self, graph: str) -> Path:
        """Return the file of a graph, named by everything else that fixes it: shapes and options."""
        parts = (self._network, openvino.get_version(), processor.description(), _source(), graph)
        return self._folder / (hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16] + SUFFIX)

    def load(
        self, file: Path, core: openvino.Core, options: dict[str, object]
    ) -> openvino.CompiledModel | None:
        """Load a compiled graph; None if there is none, or a damaged one."""
        try:
            content = file.read_bytes()
        except OSError:
            return None
        blob, digest = content[:-DIGEST_BYTES], content[-DIGEST_BYTES:]
        if hashlib.sha256(blob).digest() != digest:
            log.warning("%s is damaged, and is made anew.", file)
            return None
        files.mark_used(file)
        try:
            return core.import_model(blob, "CPU", options)
        except RuntimeError as error:  # of another build of OpenVINO with the same version
            log.warning("%s cannot be loaded (%s), and is made anew.", file, str(error).splitlines()[0])
            return None

    def save(self, file: Path, compiled: openvino.CompiledModel) -> None:
        """Save a compiled graph; one that cannot be written is compiled again at the next start."""
        if not self._is_writable:
            return
        blob = compiled.export_model().getvalue()
        try:
            files.save_bytes(blob + hashlib.sha256(blob).digest(), file)
        except OSError as error:
            log.warning("Compiled graphs cannot be kept (%s): the next start takes longer.", error.strerror)
            self._is_writable = False


@cache
def _source() -> str:
    """Return a digest of the code that builds graphs."""
    digest = hashlib.sha256()
    for module in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()
