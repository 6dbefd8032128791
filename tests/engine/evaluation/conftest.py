"""One METEOR process for the whole session: starting one takes longer than all of the scoring."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch

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


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Compute in one thread: on tensors this small, a second one costs more than it saves."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
