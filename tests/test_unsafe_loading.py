"""No module runs code from the data it loads; what ruff's S rules (bandit) do not check is checked here.

Ruff reports pickle, marshal, shelve, eval, exec, shells, yaml.load and the like. It does not report loaders
that unpickle unless told otherwise, process pools, whose workers unpickle each other's messages, or
compiled and imported strings.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("bot", "data", "engine", "handlers", ".ci")
UNPICKLING_MODULES = {"cloudpickle", "joblib", "multiprocessing"}
PROCESS_POOL = "ProcessPoolExecutor"
CODE_LOADERS = {"compile", "__import__", "importlib.import_module"}


def unsafe_calls(source: str) -> list[str]:
    """Return what a module does that could run code from data, with the line."""
    return [f"line {line}: {finding}" for line, finding in _findings(ast.parse(source))]


def _findings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = [alias.name for alias in node.names]
            if isinstance(node, ast.ImportFrom):
                modules = [f"{node.module}.{name}" for name in modules]
            for module in modules:
                if module.partition(".")[0] in UNPICKLING_MODULES or module.endswith(f".{PROCESS_POOL}"):
                    yield node.lineno, module
        elif isinstance(node, ast.Call) and (finding := _unsafe(node)):
            yield node.lineno, finding


def _unsafe(call: ast.Call) -> str:
    function = ast.unparse(call.func)
    options = {keyword.arg: keyword.value for keyword in call.keywords}
    if function in CODE_LOADERS or function.endswith(f".{PROCESS_POOL}"):
        return function
    if function.endswith("torch.load") and not _is(options.get("weights_only"), True):
        return f"{function} without weights_only=True"
    if "allow_pickle" in options and not _is(options["allow_pickle"], False):
        return f"{function} with allow_pickle"
    return ""


def _is(node: ast.expr | None, value: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def test_no_module_runs_code_from_the_data_it_loads() -> None:
    modules = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    assert modules
    found = {path: unsafe_calls(path.read_text("utf-8")) for path in modules}
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_ruff_checks_the_rest() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]["lint"]
    assert "S" in lint["select"]
    assert [rule for rule in lint["ignore"] if rule.startswith("S") and rule[1:].isdigit()] == ["S311"]


@pytest.mark.parametrize(
    "source",
    [
        "import multiprocessing.pool",
        "from concurrent.futures import ProcessPoolExecutor",
        "concurrent.futures.ProcessPoolExecutor(2)",
        "torch.load(file)",
        "torch.load(file, weights_only=trusted)",
        "np.load(file, allow_pickle=trusted)",
        "compile(text, '', 'exec')",
    ],
)
def test_an_unsafe_call_is_found(source: str) -> None:
    assert len(unsafe_calls(source)) == 1


def test_safe_calls_are_accepted() -> None:
    source = "torch.load(file, weights_only=True); np.load(file, allow_pickle=False); re.compile('a')"
    assert unsafe_calls(source) == []
