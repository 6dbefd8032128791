"""compose.yaml can be read, names settings that exist, and hides its secrets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.lifecycle import STOP_MARGIN
from bot.settings import Settings
from engine.settings import variable_name

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "compose.yaml").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SETTINGS = {variable_name(name, Settings) for name in Settings.model_fields}
OURS = [name for name, service in SERVICES.items() if "build" in service]
FRONTS = [name for name in SERVICES if name.startswith("front-")]
# What of https://github.com/compose-spec/compose-spec/blob/main/schema/compose-spec.json this file uses.
KEYS = {
    "image", "build", "command", "entrypoint", "environment", "env_file", "volumes", "secrets", "configs",
    "ports", "networks", "depends_on", "healthcheck", "profiles", "restart", "init", "read_only", "cap_drop",
    "security_opt", "pids_limit", "mem_limit", "shm_size", "tmpfs", "stop_grace_period",
}  # fmt: skip


def test_every_service_has_known_keys_and_what_it_refers_to_exists() -> None:
    for service in SERVICES.values():
        assert service.keys() <= KEYS
        assert set(service.get("depends_on", ())) <= SERVICES.keys()
        assert set(service.get("secrets", ())) <= COMPOSE["secrets"].keys()
        named = [volume.split(":")[0] for volume in service.get("volumes", ())]
        assert {name for name in named if not name.startswith(".")} <= COMPOSE["volumes"].keys()
        assert {config["source"] for config in service.get("configs", ())} <= COMPOSE["configs"].keys()


def test_the_settings_in_it_exist() -> None:
    named = {name for service in SERVICES.values() for name in service.get("environment", ())}
    assert {name for name in named if name.startswith("KINDRED_")} <= SETTINGS
    assert "KINDRED_WEBHOOK_SECRET_FILE" in named  # all fronts need the same


def test_there_are_two_fronts_that_share_all_but_their_home() -> None:
    assert len(FRONTS) == 2
    one, other = (dict(SERVICES[name]) for name in FRONTS)
    (home, *photos), (other_home, *other_photos) = one.pop("volumes"), other.pop("volumes")
    assert home != other_home
    assert photos == other_photos
    assert one == other


def test_images_are_pinned() -> None:
    for name, service in SERVICES.items():
        assert name in OURS or re.fullmatch(r"[\w/]+:[\w.-]*\d[\w.-]*", service["image"]), name
    assert "pgvector" in SERVICES["postgres"]["image"]


@pytest.mark.parametrize("name", OURS)
def test_what_is_ours_runs_without_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges"]
    assert {"pids_limit", "mem_limit", "restart", "tmpfs"} <= service.keys()
    assert "ports" not in service  # Telegram reaches the proxy alone


def test_ray_is_there_only_where_it_is_asked_for() -> None:
    assert {name for name, service in SERVICES.items() if "profiles" in service} == {"ray-head", "ray-worker"}


def test_no_secret_is_in_it() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            assert not re.search("TOKEN|PASSWORD|SECRET", name) or str(value).startswith("/run/secrets/"), (
                name
            )
    assert re.findall(r"postgresql://\w+:(?!\$\$\(cat )", TEXT) == []
    assert {"/secrets/", "/kindred.env"} <= set((ROOT / ".gitignore").read_text().split())
    assert "*" in (ROOT / ".dockerignore").read_text().split()  # an image holds what is listed, and no secret


def test_a_front_ends_before_its_container_is_killed() -> None:
    for name in FRONTS:
        seconds = int(SERVICES[name]["stop_grace_period"].removesuffix("s"))
        assert Settings.model_construct().grace + STOP_MARGIN < seconds
