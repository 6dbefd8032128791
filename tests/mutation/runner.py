"""Runs tests on a mutant, in a process that has imported already what the mutant does not change.

The file on disk stays as it is: the import system gives the mutant's source to the process. So an interrupted
run leaves nothing behind, and an interpreter is started once, not once for each mutant. Processes
that tests start themselves do not know the mutant.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Collection, Sequence
from importlib.machinery import SourceFileLoader
from itertools import accumulate
from pathlib import Path
from types import CodeType
from typing import Final

import grimp
import pytest

from tests.mutation.mutants import Mutant

FIRST_TIMEOUT: Final = 600.0  # seconds that tests of the code as it is may take
POLL_INTERVAL: Final = 0.01  # seconds
MIN_TIMEOUT: Final = 10.0  # seconds that tests of a mutant may take, however fast they are
SLOWER: Final = 5.0  # times that a mutant's tests may take as long as those of the code as it is
OURS: Final = ("bot", "data", "engine", "handlers")
# What runs of pytest import anew: the tests themselves, and what can only be imported once the operators of
# torchvision are declared (engine/reference/image_encoder.py).
IMPORTED_BY_TESTS: Final = ("tests", "timm", "torchvision")
FAILED: Final = 1
TOO_LONG: Final = -1000  # no status of a process, nor the negative of a signal
TIMED_OUT: Final = "+ Timeout +"  # in the output of a test that takes longer than `--timeout`


class Runner:
    """Runs some tests, as often as there are mutants."""

    def __init__(self, root: Path, folder: Path, tests: Sequence[str], files: Collection[str]) -> None:
        """Import what some tests use and no mutant changes, and time the tests on the code as it is.

        Args:
            root: The repository.
            folder: Where files of the runs are put.
            tests: pytest's arguments.
            files: Which files mutants change, relative to the repository.

        Raises:
            RuntimeError: A test fails on the code as it is.
        """
        self._root, self._folder, self._tests = root, folder, tests
        self._output = folder / "output.txt"
        self._timeout = FIRST_TIMEOUT
        folder.mkdir(parents=True, exist_ok=True)
        names = folder / "modules.json"
        self._check(lambda: self._test(names))
        changed = _dependents(files)
        for name in changed:
            _forget(name)
        for name in json.loads(names.read_text()):
            packages = accumulate(name.split("."), "{}.{}".format)
            if changed.isdisjoint(packages):  # importing a module imports its packages, too
                _import(name)
        if stale := changed & sys.modules.keys():
            raise RuntimeError(f"These would not be imported anew for a mutant: {stale}")
        gc.freeze()
        started_at = time.monotonic()
        self._check(self._test)
        self._timeout = max(MIN_TIMEOUT, SLOWER * (time.monotonic() - started_at))

    def kills(self, mutant: Mutant) -> bool:
        """Return whether a test fails on a mutant, or takes too long: twice, as the machine may be busy."""

        def test() -> int:
            _replace_source(self._root / mutant.file, mutant.source)
            return self._test()

        status = self._run_in_child(test)
        if status == TOO_LONG or (status and TIMED_OUT in self._output.read_text(errors="replace")):
            status = self._run_in_child(test)
        return status != 0

    def _check(self, test: Callable[[], int]) -> None:
        if self._run_in_child(test):
            output = self._output.read_text(errors="replace")
            raise RuntimeError(f"These tests fail on the code as it is:\n{output}")

    def _test(self, names: Path | None = None) -> int:
        sys.dont_write_bytecode = False
        # A thread ends the process: an exception out of an endless loop in a task of asyncio fails no test.
        options = ["-x", "-q", "--no-header", "--assert=plain", "--timeout-method=thread"]
        status = pytest.main([*options, f"--basetemp={self._folder}/tmp", *self._tests])
        if names:
            names.write_text(
                json.dumps([name for name in sys.modules if name.partition(".")[0] not in IMPORTED_BY_TESTS])
            )
        return int(status)

    def _run_in_child(self, work: Callable[[], int]) -> int:
        sys.stdout.flush()
        if (child := os.fork()) == 0:
            status = FAILED
            try:
                os.setsid()
                self._redirect_output()
                status = work()
            except BaseException:
                traceback.print_exc()
                raise
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)
        try:
            return self._wait_for(child)
        finally:
            _kill_group(child)

    def _wait_for(self, child: int) -> int:
        """Return the exit status of a child; `TOO_LONG` if it does not end."""
        deadline = time.monotonic() + self._timeout
        while time.monotonic() < deadline:
            process, status = os.waitpid(child, os.WNOHANG)
            if process:
                return os.waitstatus_to_exitcode(status)
            time.sleep(POLL_INTERVAL)
        _kill_group(child)
        os.waitpid(child, 0)
        return TOO_LONG

    def _redirect_output(self) -> None:
        os.chdir(self._root)
        descriptor = os.open(self._output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(descriptor, stream)


def _kill_group(leader: int) -> None:
    """End what the tests have started and left."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def _dependents(files: Collection[str]) -> set[str]:
    """Return the modules of some files, and those that import them, directly or not."""
    graph = grimp.build_graph(*OURS, cache_dir=None)
    modules = {file.removesuffix(".py").replace("/", ".") for file in files}
    return modules.union(*(graph.find_downstream_modules(module) for module in modules))


def _import(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            importlib.import_module(name)
        except (ImportError, AttributeError):  # a name that a library puts among the modules itself
            return


def _forget(name: str) -> None:
    """Have a module imported anew that was imported for the mutants of another file."""
    package, _, last = name.rpartition(".")
    if sys.modules.pop(name, None) and package in sys.modules:
        vars(sys.modules[package]).pop(last, None)


def _replace_source(file: Path, source: str) -> None:
    """Have this process import a file as if it had another content."""
    original = SourceFileLoader.get_code

    def get_code(loader: SourceFileLoader, name: str) -> CodeType | None:
        if Path(loader.path) == file:
            return compile(source, file, "exec", dont_inherit=True)
        return original(loader, name)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign, assignment]
