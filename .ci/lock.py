"""Make requirements.lock: every package, pinned and with hashes, in one file (`make lock`).

The file has five parts: first what the running bot needs; below the lines of `EXTRAS`, what PostgreSQL adds,
buckets, and Ray; below `MARK`, what tests and training add. The Dockerfile installs the first part, or the
first two, three or four. torch is listed once, with the hashes of two builds: the CPU build from PyTorch's
own index, and PyPI's, which on macOS is the CPU build.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

LOCK = Path("requirements.lock")
EXTRAS = {
    "postgres": "# === below this line: only for PostgreSQL ===",
    "s3": "# === below this line: only for buckets of S3 ===",
    "ray": "# === below this line: only for Ray ===",
}
MARK = "# === below this line: only for tests and training ==="
HEAD = """\
# Every package of Kindred, pinned, with hashes. Made by `make lock`; do not edit.
# Above the first line of equals signs is what the running bot needs. torch has the hashes of both its builds,
# CPU and PyPI's; `make env` installs it first, as the CPU build, so that no nvidia package comes along.
"""
TORCH_INDEX = os.environ.get("TORCH_INDEX", "https://download.pytorch.org/whl/cpu")
PYPI = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple")
# pip's names of the systems this project is run on: CPython 3.11 and later, Linux or macOS.
WHEEL = (
    r"torch-{version}(?:\+cpu)?-cp31[1-9]-cp31[1-9]-(?:manylinux|macosx)[^#<]*\.whl#sha256=([0-9a-f]{{64}})"
)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
TORCH = re.compile(r"^torch==.*\n(?:[ ].*\n)*", re.M)


def compile_pins(folder: Path, *options: str) -> dict[str, str]:
    """Run pip-compile over pyproject.toml; return the paragraph of each package by its name."""
    out = folder / "requirements.txt"
    quiet = ("--quiet", "--strip-extras", "--no-header", "--no-emit-options", "--no-emit-index-url")
    hidden = ("--no-emit-find-links", "--no-emit-trusted-host", "--allow-unsafe", "--all-build-deps")
    # Skip an index that cannot be reached at once, not after five tries per package.
    reach = ("--extra-index-url", TORCH_INDEX, "--pip-args", "--retries 0 --timeout 15")
    command = (sys.executable, "-m", "piptools", "compile", *quiet, *hidden, *reach, *options)
    subprocess.run((*command, "--output-file", str(out), "pyproject.toml"), check=True)  # noqa: S603
    text = re.sub(r"kindred \([^)]*pyproject\.toml", "kindred (pyproject.toml", out.read_text("utf-8"))
    return {
        part.split("==")[0]: part for part in re.findall(r"^[a-z0-9][^\n]*\n(?:[ ]+[^\n]*\n)*", text, re.M)
    }


def torch_hashes(version: str) -> set[str]:
    """Return the hashes of torch's wheels on both indexes; an index out of reach adds none."""
    found: set[str] = set()
    for index in (PYPI, TORCH_INDEX):
        try:
            with urllib.request.urlopen(f"{index}/torch/", timeout=15) as page:  # noqa: S310
                links = urllib.parse.unquote(page.read().decode())
        except OSError as error:
            print(f"{index} is out of reach ({error}); torch's hashes in the old lock are kept.")  # noqa: T201
            continue
        found.update(re.findall(WHEEL.format(version=re.escape(version)), links))
    return found


def widen_torch(paragraph: str, old: str) -> str:
    """Return torch's paragraph with the hashes of both builds and a version that matches both."""
    _, version, notes = re.split(r"torch==([0-9.]+)(?:\+cpu)?", paragraph, maxsplit=1)
    hashes = set(HASH.findall(paragraph)) | torch_hashes(version)
    before = TORCH.search(old)
    if before and before.group().startswith(f"torch=={version} "):
        hashes |= set(HASH.findall(before.group()))
    lines = " \\\n".join([f"torch=={version}", *(f"    --hash=sha256:{digest}" for digest in sorted(hashes))])
    return f"{lines}\n    # via" + notes.split("# via", 1)[1]


def main() -> None:
    """Write the lock; pins are kept unless `--upgrade` is given."""
    old = LOCK.read_text("utf-8") if LOCK.exists() else ""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Keep all pins but torch's: with the hashes of both builds pip-compile would choose PyPI's.
        (folder / "requirements.txt").write_text(TORCH.sub("", old), "utf-8")
        everything = compile_pins(folder, "--all-extras", "--generate-hashes", *sys.argv[1:])
        parts = {HEAD: compile_pins(folder).keys()}
        parts |= {line: compile_pins(folder, "--extra", extra).keys() for extra, line in EXTRAS.items()}
        parts[MARK] = everything.keys()
    if strays := [package for package in everything if package.startswith(("nvidia-", "triton"))]:
        sys.exit(f"torch came as its GPU build, with {strays[0]}: is {TORCH_INDEX} in reach?")
    everything["torch"] = widen_torch(everything["torch"], old)
    written: list[str] = []
    for line, packages in parts.items():
        wanted = [package for package in everything if package in packages]
        written.append("\n".join([line.rstrip(), "".join(everything.pop(package) for package in wanted)]))
    LOCK.write_text("\n".join(written), "utf-8")


if __name__ == "__main__":
    main()
