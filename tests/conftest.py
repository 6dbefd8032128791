"""What all tests share: one shipped network a session, where Flickr8K may lie, and who runs where.

`pytest -n 4` spreads the tests over four processes, module by module. Modules with Chromium stay together,
and so do those of the bot with the shipped network: each of these is started once.
"""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from engine.model.checkpoint import Checkpoint

if "PYTEST_XDIST_WORKER" in os.environ:
    # Workers share the processor. The first is read when torch is imported, the second by every engine.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("KINDRED_THREADS", "1")

os.environ["KINDRED_FETCH"] = "false"  # a bot without a gallery fetches Flickr8K, and tests are offline

ROOT = Path(__file__).resolve().parents[1]
SHIPPED_NETWORK = ("albums", "buttons", "conversation", "odd_gallery", "odd_photos", "own_gallery", "photos")
RAY = ("connection", "data_indexing", "real_replica", "replicas")
GROUPS = {
    "shipped network": (
        *(f"conversation/test_{name}.py" for name in SHIPPED_NETWORK),
        *(f"tests/bot/{name}.py" for name in ("test_browser", "test_demo", "web/test_browser")),
        *("web/test_api.py", "web/test_auth.py", "web/test_curl_examples.py"),
    ),
    "browser": ("test_browser.py",),
    "Ray": tuple(f"cluster/test_{name}.py" for name in RAY),
}
LONG_GROUPS = (
    *("shipped network", "browser", "Ray", "tests/stress", "tests/engine/training", "tests/engine/cli"),
    *(
        "tests/engine/test_service",
        "tests/engine/test_async_engine",
        "tests/engine/model",
        "tests/engine/reference",
        "tests/engine/runtime",
        "tests/engine/search",
    ),
    *("tests/engine/evaluation", "tests/bot/test_secrets", "tests/bot/test_broken", "tests/bot/storage"),
)
# A skip's reason begins with one of these; behind it, the one command that brings such tests in.
REMEDIES = {
    "no browser": "make browser && make test",
    "no axe-core": "make axe && make test",
    "no Flickr8K": "FLICKR8K_DIR=/where/it/is make test  (data/README.md tells how to fetch it)",
    "no S3 server": "make env && make test",
    "no schema": "BOT_API_SCHEMA=/path/to/api.json make test  (PaulSonOfLars/telegram-bot-api-spec)",
    "no scorer": "make env && make test",
    "no Ray": "make env && make test",
    "no PostgreSQL": "make env && make test  (on Linux or macOS; as root it needs useradd)",
    "no third-party servers": "make test-third-party && make test",
}


def pytest_configure(config: pytest.Config) -> None:
    """Register our markers."""
    config.addinivalue_line("markers", "browser: needs Chromium (`make browser`)")
    config.addinivalue_line("markers", "own_bot: needs a bot of its own, not the session's")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep what modules hold, half a million objects, out of the garbage collector's sight."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None]:
    """Do the same with what a module's tests have loaded, libraries and networks, once they are over."""
    yield
    if nextitem is None or nextitem.path != item.path:
        gc.collect()  # what nobody holds any more must not be frozen
        gc.freeze()


def pytest_sessionfinish() -> None:
    """Let the collector see all again: pytest is about to look for what was left open."""
    gc.unfreeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give the groups of modules to pytest-xdist's workers, the longest first."""
    from xdist.scheduler import LoadScopeScheduling

    class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    config.option.loadscopereorder = False
    return GroupScheduling(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest groups first, so that no worker begins one when the other has nothing left."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: not group_of(item.nodeid).startswith(LONG_GROUPS))


def group_of(nodeid: str) -> str:
    """Return the name of the group whose tests run in one process."""
    module = nodeid.partition("::")[0]
    return next((group for group, modules in GROUPS.items() if module.endswith(modules)), module)


@pytest.fixture(scope="session")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of what a home keeps of the shipped network; all processes of `pytest -n` share it."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "computed"


@pytest.fixture(scope="session")
def warm_home(computed: Path) -> Callable[[Path], Path]:
    """Make a folder a KINDRED_HOME where the shipped network was used before: compiled, its words encoded."""
    from engine.gallery import cache_dir

    def make(home: Path) -> Path:
        for kind in (cache_dir.GRAPHS, cache_dir.WORDS):
            (computed / kind).mkdir(parents=True, exist_ok=True)
            (home / kind).symlink_to(computed / kind, target_is_directory=True)
        return home

    return make


@pytest.fixture(scope="session")
def shipped(computed: Path) -> Checkpoint:
    """The network that ships, loaded once; tests do not change it."""
    from engine.gallery import cache_dir
    from engine.model import checkpoint
    from engine.settings import ARTIFACT_DIR, EngineSettings

    return checkpoint.load(ARTIFACT_DIR, EngineSettings().threads, computed / cache_dir.GRAPHS)


@pytest.fixture(scope="session")
def flickr8k_dir() -> Path:
    """Folder of real Flickr8K: FLICKR8K_DIR, or `../shared/flickr8k` beside the repository."""
    named = os.environ.get("FLICKR8K_DIR")
    folder = Path(named) if named else ROOT.parent / "shared" / "flickr8k"
    if not (folder / "Flicker8k_Dataset").is_dir():
        where = f"FLICKR8K_DIR={named} holds no Flicker8k_Dataset" if named else "FLICKR8K_DIR is not set"
        pytest.skip(f"no Flickr8K: {where}")
    return folder


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say last which tests were left out, and how to bring them in."""
    left_out = Counter(_reason(report) for report in terminalreporter.stats.get("skipped", ()))
    if not left_out:
        return
    terminalreporter.write_sep("-", "left out")
    for reason, count in left_out.most_common():
        terminalreporter.write_line(f"{count} test{'s' * (count > 1)}: {reason}")
        for beginning, remedy in REMEDIES.items():
            if reason.startswith(beginning):
                terminalreporter.write_line(f"    to bring them in: {remedy}")


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why a test was skipped; pytest keeps (file, line, "Skipped: why")."""
    told = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return told.removeprefix("Skipped: ")
