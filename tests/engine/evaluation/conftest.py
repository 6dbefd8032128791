"""One METEOR process for the whole session: starting one takes longer than all of the scoring."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine.evaluation import caption_metrics
from engine.evaluation.caption_metrics import start_meteor


@pytest.fixture(scope="session", autouse=True)
def _shared_meteor() -> Iterator[None]:
    started: list[Any] = []

    def start_once() -> Any:
        if not started:
            started.append(start_meteor())
        return started[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(caption_metrics, "start_meteor", start_once)
        yield
    for meteor in started:
        meteor.meteor_p.kill()
        meteor.meteor_p.wait()
        for pipe in (meteor.meteor_p.stdin, meteor.meteor_p.stdout, meteor.meteor_p.stderr):
            pipe.close()
