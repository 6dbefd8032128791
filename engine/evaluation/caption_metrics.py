"""Caption metrics by their reference implementation, pycocoevalcap: BLEU, METEOR, ROUGE-L and CIDEr-D.

METEOR runs in a Java process. Without a Java runtime it is skipped, with a warning.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from engine.model.vocabulary import tokenize

log = logging.getLogger(__name__)

Captions = dict[str, list[str]]  # photo: its captions, tokenized and joined by spaces


def caption_metrics(
    generated: Mapping[str, str], references: Mapping[str, Sequence[str]]
) -> dict[str, float | None]:
    """Score one generated caption per photo against its reference captions.

    Args:
        generated: photo to its generated caption.
        references: photo to its captions as people wrote them; case and punctuation are removed here.

    Returns:
        BLEU-1 to BLEU-4 (Papineni 2002), METEOR 1.5 (Denkowski 2014), ROUGE-L (Lin 2004) and CIDEr-D
        (Vedantam 2015), each times 100; METEOR is None without Java.
    """
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider
    from pycocoevalcap.rouge.rouge import Rouge

    candidates = {name: [" ".join(tokenize(generated[name]))] for name in generated}
    truth = {name: [" ".join(tokenize(text)) for text in references[name]] for name in generated}
    with contextlib.redirect_stdout(sys.stderr):  # the scorers print; standard output is for JSON
        bleu, _ = Bleu(4).compute_score(truth, candidates, verbose=0)
        rouge, _ = Rouge().compute_score(truth, candidates)
        cider, _ = Cider().compute_score(truth, candidates)
        meteor = _meteor(truth, candidates)
    scores = {f"BLEU-{n}": value for n, value in enumerate(bleu, 1)}
    scores |= {"METEOR": meteor, "ROUGE-L": rouge, "CIDEr": cider}
    return {name: None if value is None else round(100 * float(value), 2) for name, value in scores.items()}


def start_meteor() -> Any:  # noqa: ANN401 - pycocoevalcap has no types
    """Start METEOR's Java process, which loads a paraphrase table of 60 MB; it ends with the object."""
    from pycocoevalcap.meteor.meteor import Meteor

    return Meteor()


def _meteor(truth: Captions, candidates: Captions) -> float | None:
    if shutil.which("java") is None:
        log.warning("METEOR is left out: it needs a Java runtime, such as Debian's default-jre-headless.")
        return None
    score, _ = start_meteor().compute_score(truth, candidates)
    return float(score)
