"""Evaluation of understanding with searches."""

from pathlib import Path

from data.flickr8k import open_flickr8k
from engine.evaluation.asked import AskedEvaluation
from engine.evaluation.asked_sentences import SLIPS
from engine.service import Engine


def test_sentences_are_searched_for_as_they_are_written_only_when_asked_to(
    shipped_engine: Engine, flickr8k_dir: Path
) -> None:
    flickr8k = open_flickr8k(flickr8k_dir)
    for literally in (False, True):
        rows = AskedEvaluation(shipped_engine, flickr8k, "dev", 2, literally=literally).slips()
        assert [row["way"] for row in rows] == list(SLIPS)
        assert all(("literally" in row) is literally and {"plain", "asked"} <= set(row) for row in rows)
