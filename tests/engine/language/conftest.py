"""What reads messages, with the words of the network that ships."""

import pytest

from engine.language.spelling import SpellingCorrector
from engine.language.understanding import Understanding, of_checkpoint
from engine.model.checkpoint import Checkpoint


@pytest.fixture(scope="session")
def understanding(shipped: Checkpoint) -> Understanding:
    return of_checkpoint(shipped)


@pytest.fixture(scope="session")
def shipped_corrector(understanding: Understanding) -> SpellingCorrector:
    return understanding.spelling
