"""Serving loads nothing that is there for training, nor for several machines, unless it is asked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

TRAINING = {"torch", "torchvision", "timm", "transformers", "sklearn", "engine.reference", "engine.training"}
SHARED = {"psycopg", "engine.search.postgres", "fsspec", "ray"}
SCRIPT = """
import json, sys
import bot.run, bot.demo, bot.check, engine.explain.occlusion
from engine.api import CAPTIONS
from engine.async_engine import AsyncEngine
from engine.service import Engine
from engine.settings import EngineSettings

engine = Engine(EngineSettings())
photo = engine.picture("cat.jpg")
answers = [
    engine.describe(photo), engine.tags(photo), engine.labels(photo, ["a cat", "a dog"]),
    engine.find("a cat on a sofa"), engine.find("a dog + grass"), engine.search_focused(photo, "eyes"),
    engine.similar("dog"), engine.analogy("boy", "boys", "girl"), engine.understand("find me a dog"),
]
print(json.dumps({"answers": sum(map(bool, answers)), "modules": sorted(sys.modules)}))
"""


def test_torch_and_what_several_machines_need_stay_unloaded(
    tmp_path: Path, warm_home: Callable[[Path], Path]
) -> None:
    usual = {name: value for name, value in os.environ.items() if name != "FLICKR8K_DIR"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=usual | {"KINDRED_HOME": str(warm_home(tmp_path)), "KINDRED_TWO_STAGES": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["answers"] == 9
    assert "openvino" in found["modules"]
    assert TRAINING.isdisjoint(found["modules"])
    assert SHARED.isdisjoint(found["modules"])
