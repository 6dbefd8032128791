"""The import table of the house, kept: who may not import whom, inside functions too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FORBIDDEN = {
    "bot": {"torch", "torchvision", "annoy", "data", "engine.training"},
    "handlers": {"torch", "torchvision", "annoy", "PIL", "bot", "data", "engine.training"},
    "engine": {"telegram", "aiohttp", "bot", "handlers", "engine.training"},
    "engine.training": {"telegram", "aiohttp", "bot", "handlers"},
    "data": {"telegram", "torch", "bot", "handlers", "engine"},
}
ALLOWED = {("engine/__main__.py", "engine.training")}  # the command line begins the training


def imported(tree: ast.AST, package: str) -> Iterator[str]:
    """Full names of everything a module imports, wherever in it the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def breaches(path: Path, source: str) -> list[str]:
    """Forbidden imports of one module, `path` being relative to the repository."""
    package = ".".join(path.parent.parts)
    owner = max((name for name in FORBIDDEN if f"{package}.".startswith(f"{name}.")), key=len)
    names = set(imported(ast.parse(source), package))
    broken = {bad for bad in FORBIDDEN[owner] for name in names if f"{name}.".startswith(f"{bad}.")}
    return sorted(f"{path} imports {bad}" for bad in broken if (path.as_posix(), bad) not in ALLOWED)


@pytest.mark.parametrize("package", [name for name in FORBIDDEN if "." not in name])
def test_every_module_keeps_to_the_table(package: str) -> None:
    modules = sorted((ROOT / package).rglob("*.py"))
    assert modules
    assert not [
        line for path in modules for line in breaches(path.relative_to(ROOT), path.read_text("utf-8"))
    ]


@pytest.mark.parametrize(
    ("path", "source", "bad"),
    [
        ("bot/app.py", "import torch.nn as nn", "torch"),
        ("bot/app.py", "def late():\n    from engine import training", "engine.training"),
        ("handlers/photo.py", "from PIL import Image", "PIL"),
        ("engine/service.py", "from .training.loss import info_nce", "engine.training"),
        ("engine/service.py", "from . import training", "engine.training"),
        ("engine/training/train.py", "from telegram import Update", "telegram"),
        ("data/gallery.py", "from engine.results import Match", "engine"),
    ],
)
def test_a_forbidden_import_is_found(path: str, source: str, bad: str) -> None:
    assert breaches(Path(path), source) == [f"{path} imports {bad}"]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("bot/app.py", "import torchlight, telegram\nfrom engine import results"),
        ("engine/__main__.py", "from engine.training.train import train"),
        ("engine/training/train.py", "from engine.training import loss\nimport data"),
    ],
)
def test_an_allowed_import_is_let_be(path: str, source: str) -> None:
    assert breaches(Path(path), source) == []
