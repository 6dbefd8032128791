"""The container has no more rights than it needs, and its documents say so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLAGS = (
    "--cap-drop ALL", "--security-opt no-new-privileges", "--read-only", "--tmpfs /tmp", "--pids-limit",
    "--memory", "--stop-timeout", "--restart",
)  # fmt: skip
STEPS = re.findall(r"^([A-Z]+) (.*(?:\\\n.*)*)", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)


def test_it_runs_as_nobody_in_particular_and_is_looked_after() -> None:
    users = [said for step, said in STEPS if step == "USER"]
    assert users
    assert re.fullmatch(r"[1-9]\d*", users[-1]), "a number: a name cannot be told from root's beforehand"
    assert "HEALTHCHECK" in {step for step, _ in STEPS}


def test_no_secret_is_built_into_it() -> None:
    assert not [said for step, said in STEPS if re.search("TOKEN|KEY|SECRET", said)]
    copied = [said for step, said in STEPS if step in {"COPY", "ADD"} and not said.startswith("--from")]
    assert copied
    assert not [said for said in copied if said.split()[0] in {".", "./", "*"}]


@pytest.mark.parametrize("document", ["README.md", "Dockerfile", "SECURITY.md"])
def test_who_starts_it_as_told_gives_it_no_rights_and_shows_no_token(document: str) -> None:
    text = re.sub(r"\\\n[# ]*", "", (ROOT / document).read_text("utf-8"))
    lines = [line for line in text.splitlines() if re.match(r"[# ]*docker run", line)]
    assert lines
    for line in lines:
        assert not [flag for flag in FLAGS if flag not in line]
        assert "KINDRED_TOKEN=" not in line
        assert "--privileged" not in line
