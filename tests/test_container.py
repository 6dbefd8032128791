"""The container has the least privileges it needs, and the documents start it that way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.lifecycle import STOP_MARGIN
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
FLAGS = (
    "--cap-drop ALL", "--security-opt no-new-privileges", "--read-only", "--tmpfs /tmp", "--pids-limit",
    "--memory", "--stop-timeout", "--restart",
)  # fmt: skip
INSTRUCTIONS = re.findall(
    r"^([A-Z]+) (.*(?:\\\n.*)*)", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE
)


def test_the_container_runs_as_an_unprivileged_user_with_a_health_check() -> None:
    users = [arguments for instruction, arguments in INSTRUCTIONS if instruction == "USER"]
    assert users
    assert re.fullmatch(r"[1-9]\d*", users[-1]), "a number: whether a name is root's cannot be checked"
    assert "HEALTHCHECK" in {instruction for instruction, _ in INSTRUCTIONS}


def test_no_secret_is_built_into_the_image() -> None:
    assert not [
        arguments for instruction, arguments in INSTRUCTIONS if re.search("TOKEN|KEY|SECRET", arguments)
    ]
    copied = [
        arguments
        for instruction, arguments in INSTRUCTIONS
        if instruction in {"COPY", "ADD"} and not arguments.startswith("--from")
    ]
    assert copied
    assert not [arguments for arguments in copied if arguments.split()[0] in {".", "./", "*"}]


@pytest.mark.parametrize("document", ["README.md", "Dockerfile", "SECURITY.md"])
def test_the_documented_command_drops_privileges_and_shows_no_token(document: str) -> None:
    text = re.sub(r"\\\n[# ]*", "", (ROOT / document).read_text("utf-8"))
    lines = [line for line in text.splitlines() if re.match(r"[# ]*docker run", line)]
    assert lines
    for line in lines:
        assert not [flag for flag in FLAGS if flag not in line]
        assert "KINDRED_TOKEN=" not in line
        assert "--privileged" not in line


def test_by_default_the_process_ends_before_its_container_is_killed() -> None:
    (seconds,) = set(re.findall(r"--stop-timeout (\d+)", (ROOT / "SECURITY.md").read_text("utf-8")))
    assert Settings.model_construct().grace + STOP_MARGIN < int(seconds)
