"""Nothing outside the tests runs what it has read: no pickle, no eval, no shell, no unsafe loading."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("bot", "data", "engine", "handlers", ".ci")
# Each of these unpickles, or can; the last one does so with whatever another process says.
MODULES = {
    "pickle",
    "_pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "joblib",
    "shelve",
    "marshal",
    "multiprocessing",
}
NAMES = {"eval", "exec", "compile", "__import__"}
CALLS = {
    "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "tempfile.mktemp",
    "yaml.load", "yaml.load_all", "yaml.full_load", "yaml.unsafe_load",
    "pandas.read_pickle", "importlib.import_module",
}  # fmt: skip
POOL = "ProcessPoolExecutor"


def dangers(source: str) -> list[str]:
    """What a module does that nothing here should do."""
    return [f"line {line}: {what}" for line, what in _dangers(ast.parse(source))]


def _dangers(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (
                (node.lineno, one.name) for one in node.names if one.name.partition(".")[0] in MODULES
            )
        elif isinstance(node, ast.ImportFrom):
            if (node.module or "").partition(".")[0] in MODULES or POOL in {one.name for one in node.names}:
                yield node.lineno, str(node.module)
        elif isinstance(node, ast.Call) and (what := _danger(node)):
            yield node.lineno, what


def _danger(call: ast.Call) -> str:
    called = ast.unparse(call.func)
    said = {one.arg: one.value for one in call.keywords if one.arg}
    if called in NAMES | CALLS or called.endswith(f".{POOL}"):
        return called
    if called.endswith("torch.load") and not _is_true(said.get("weights_only")):
        return f"{called} without weights_only=True"
    for option in ("shell", "allow_pickle"):
        if option in said and not (isinstance(said[option], ast.Constant) and not _is_true(said[option])):
            return f"{called} with {option}"
    return ""


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


@pytest.mark.parametrize("folder", FOLDERS)
def test_nothing_read_is_ever_run(folder: str) -> None:
    modules = sorted((ROOT / folder).rglob("*.py"))
    assert modules
    found = {path: dangers(path.read_text("utf-8")) for path in modules}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "def late():\n    from pickle import loads",
        "import multiprocessing.pool",
        "from concurrent.futures import ProcessPoolExecutor",
        "concurrent.futures.ProcessPoolExecutor(2)",
        "torch.load(file)",
        "torch.load(file, weights_only=False)",
        "torch.load(file, weights_only=trusted)",
        "np.load(file, allow_pickle=True)",
        "np.load(file, allow_pickle=trusted)",
        "yaml.load(text)",
        "eval(text)",
        "exec(text)",
        "subprocess.run(command, shell=True)",
        "os.system(command)",
    ],
)
def test_a_danger_is_found(source: str) -> None:
    assert len(dangers(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "torch.load(file, weights_only=True)",
        "np.load(file, mmap_mode='r')",
        "np.load(file, allow_pickle=False)",
        "re.compile('a')",
        "network.eval()",
        "subprocess.run(command, shell=False)",
        "from concurrent.futures import ThreadPoolExecutor",
    ],
)
def test_what_is_harmless_is_let_be(source: str) -> None:
    assert dangers(source) == []
