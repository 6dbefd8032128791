"""Mutation tests: `python -m tests.mutation [MODULE ...]`; see CONTRIBUTING.md."""

from __future__ import annotations

import argparse
import random
import sys
import time
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from tests.mutation.mutants import Key, Mutant, mutants
from tests.mutation.runner import Runner

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TABLE = HERE / "README.md"
OUTPUT = ROOT / "build" / "mutation" / "runs"


@dataclass(frozen=True)
class Result:
    """How many mutants one module has, and how many survived: those that are accepted, and new ones."""

    module: str
    mutants: int
    accepted: int
    new: int

    @property
    def killed(self) -> int:
        """The number of mutants that a test notices."""
        return self.mutants - self.accepted - self.new

    @property
    def row(self) -> str:
        """Its row in the table."""
        survivors = f"{self.accepted} + {self.new} new" if self.new else self.accepted
        return f"| {self.module} | {self.mutants} | {self.killed} | {self._share} | {survivors} |"

    @property
    def _share(self) -> str:
        return f"{self.killed / max(1, self.mutants):.1%}"

    def __str__(self) -> str:
        return (
            f"{self.module:12} {self.mutants:5} mutants  {self.killed:5} killed  {self.accepted:4} accepted  "
            f"{self.new:4} new  {self._share:>6} killed"
        )


def main() -> int:
    """Test the mutants of some modules, or of all; return 1 if one survives that is not accepted."""
    modules = tomllib.loads((HERE / "modules.toml").read_text())
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=main.__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=", ".join(modules))
    parser.add_argument("--sample", type=int, metavar="N", help="at most so many mutants of a module")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    arguments = parser.parse_args()
    if unknown := set(arguments.modules) - set(modules):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(modules)}")
    results, accepted = [], _accepted()
    for name in arguments.modules or modules:
        chosen = [mutant for file in modules[name]["files"] for mutant in mutants(ROOT, file)]
        is_sample = arguments.sample and arguments.sample < len(chosen)
        if is_sample:
            chosen = random.Random(arguments.seed).sample(chosen, arguments.sample)
        results.append(_test(name, modules[name], chosen, accepted))
        if not is_sample:
            _record(results[-1], [*modules])
    print(*results, sep="\n")
    return any(result.new for result in results)


def _test(
    name: str, module: Mapping[str, Any], chosen: Sequence[Mutant], accepted: Collection[Key]
) -> Result:
    """Run each file's tests on its mutants, and the module's longer tests on what else they let through."""
    survivors = list[Mutant]()
    for file, tests in module["files"].items():
        survivors += _survivors(file, tests, [mutant for mutant in chosen if mutant.file == file])
    new = [mutant for mutant in survivors if mutant.key not in accepted]
    known = len(survivors) - len(new)
    if "then" in module:
        new = _survivors(name, module["then"], new)
    for mutant in new:
        print(mutant, flush=True)
    unnoticed = {mutant.key for mutant in survivors}
    for mutant in chosen:
        if mutant.key in accepted and mutant.key not in unnoticed:
            print(f"accepted, and noticed by now: {mutant}", flush=True)
    return Result(name, len(chosen), known, len(new))


def _survivors(title: str, tests: Sequence[str], chosen: Sequence[Mutant]) -> list[Mutant]:
    if not chosen:
        return []
    started_at, folder = time.monotonic(), OUTPUT / title.replace("/", ".")  # runs may go side by side
    runner = Runner(ROOT, folder, tests, {mutant.file for mutant in chosen})
    survivors = [mutant for mutant in tqdm(chosen, title, disable=None) if not runner.kills(mutant)]
    seconds = time.monotonic() - started_at
    print(f"{title}: {len(chosen)} mutants, {len(survivors)} survive, {seconds:.0f} s", flush=True)
    return survivors


def _record(result: Result, modules: Sequence[str]) -> None:
    """Write a module's row into the table."""
    text, rows = TABLE.read_text(encoding="utf-8"), dict[str, str]()
    head, rule, old = text.partition("|---|--:|--:|--:|--:|\n")
    for row in [*old.splitlines(), result.row]:
        rows[row.split("|")[1].strip()] = row
    ordered = sorted(rows.values(), key=lambda row: modules.index(row.split("|")[1].strip()))
    TABLE.write_text(head + rule + "\n".join(ordered) + "\n", encoding="utf-8")


def _accepted() -> set[Key]:
    """Return the keys of the survivors that are accepted."""
    entries = tomllib.loads((HERE / "accepted.toml").read_text())["survivor"]
    return {(entry["file"], entry["was"], becomes) for entry in entries for becomes in entry["becomes"]}


if __name__ == "__main__":
    sys.exit(main())
