"""Caption metrics by their reference implementation, pycocoevalcap.

METEOR runs in Java; without a Java runtime it is left out, and said to be.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import sys
from collections.abc import Mapping, Sequence

from engine.model.vocabulary import tokenize

log = logging.getLogger(__name__)


def caption_scores(
    said: Mapping[str, str], references: Mapping[str, Sequence[str]]
) -> dict[str, float | None]:
    """Score one caption a photo against the captions people wrote.

    Args:
        said: photo to the network's caption.
        references: photo to its captions as written; all are lower-cased and lose punctuation here.

    Returns:
        BLEU-1 to BLEU-4 (Papineni 2002), METEOR 1.5 (Denkowski 2014), ROUGE-L (Lin 2004) and CIDEr-D
        (Vedantam 2015), all times 100; None for METEOR where there is no Java.
    """
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider
    from pycocoevalcap.rouge.rouge import Rouge

    results = {name: [" ".join(tokenize(said[name]))] for name in said}
    truth = {name: [" ".join(tokenize(text)) for text in references[name]] for name in said}
    with contextlib.redirect_stdout(sys.stderr):  # the scorers print; standard output is for JSON
        bleu, _ = Bleu(4).compute_score(truth, results, verbose=0)
        rouge, _ = Rouge().compute_score(truth, results)
        cider, _ = Cider().compute_score(truth, results)
        meteor = _meteor(truth, results)
    scores = {f"BLEU-{n}": value for n, value in enumerate(bleu, 1)}
    scores |= {"METEOR": meteor, "ROUGE-L": rouge, "CIDEr": cider}
    return {name: None if value is None else round(100 * float(value), 2) for name, value in scores.items()}


def _meteor(truth: dict[str, list[str]], results: dict[str, list[str]]) -> float | None:
    if shutil.which("java") is None:
        log.warning("METEOR is left out: it needs a Java runtime, such as Debian's default-jre-headless.")
        return None
    from pycocoevalcap.meteor.meteor import Meteor

    score, _ = Meteor().compute_score(truth, results)
    return float(score)
