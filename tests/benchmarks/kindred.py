"""Kindred's own rows: the engine's verbs as they ship, and what an answer to a photo is made of."""

from __future__ import annotations

import io
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from data.gallery import folder_gallery
from data.starter import make_starter
from engine.api import CAPTIONS, MATCHES
from engine.model import checkpoint
from engine.model.beam_search import diverse_captions, generate
from engine.photos import preprocess
from engine.search import galleries
from engine.search.ann_index import AnnoyIndex
from engine.search.embeddings import ImageEmbeddings, save, vectors_file, vectors_of
from engine.service import Engine
from engine.settings import EngineSettings
from engine.words.stopwords import is_content
from tests.benchmarks.measure import System, counted
from tests.benchmarks.peers import SIZE

PHOTOS = 10  # one a round, then the first again
QUERIES = ("a dog running on the beach", "two boys playing football", "a man climbing a rock")


def full_gallery(settings: EngineSettings, home: Path) -> EngineSettings:
    """Serve Flickr8K where it is at hand; else as many links to starter photos, with random vectors."""
    settings = settings.model_copy(update={"home": home, "gallery": None})
    if settings.flickr8k:
        return settings
    starters, folder = sorted(make_starter(home / galleries.STARTER).iterdir()), home / "photos"
    folder.mkdir()
    for number in range(SIZE):
        (folder / f"{number}.jpg").symlink_to(starters[number % len(starters)])
    gallery, kept = folder_gallery(folder, folder.name), checkpoint.load(settings.artifact)
    matrix = np.random.default_rng(0).standard_normal((SIZE, kept.network.config.joint_width))
    file = vectors_file(gallery, kept, settings)
    save(ImageEmbeddings(gallery.images, matrix), file, kept.fingerprint)
    return settings.model_copy(update={"gallery": folder})


def engines(settings: EngineSettings) -> tuple[Engine, Engine]:
    """Engines that search in one stage and in two.

    The grids of the second stage are left empty: to make them takes minutes, and zeros are as slow to read.
    """
    one_stage = Engine(settings.model_copy(update={"two_stages": False}))
    Engine(settings)  # begins the file
    for counter in (settings.home / "grids").glob("*.done"):
        counter.write_text(str(one_stage.gallery.size))
    two_stages = Engine(settings)
    if not two_stages.ready:
        raise RuntimeError("the second stage is not ready: are its grids kept elsewhere now?")
    return one_stage, two_stages


def some_photos(settings: EngineSettings) -> list[bytes]:
    """Photos from all over the gallery, as JPEG of the size that Telegram hands out."""
    gallery = galleries.choose(settings)
    return [_sent(gallery.path(name)) for name in gallery.images[:: len(gallery.images) // PHOTOS][:PHOTOS]]


def _sent(file: Path) -> bytes:
    buffer = io.BytesIO()
    Image.open(file).convert("RGB").resize((1280, 960)).save(buffer, "JPEG")
    return buffer.getvalue()


def answer(engine: Engine, photos: Sequence[bytes]) -> System:
    """The whole answer to a photo, as the bot asks for it."""
    return _counted(
        "Kindred: caption, 10 matches",
        lambda number: engine.describe(photos[number % len(photos)], captions=1),
    )


def words_of(engine: Engine, photos: Sequence[bytes]) -> int:
    """How many words the captions of the photos have, on average."""
    captions = [caption for photo in photos for caption in engine.captions(photo)]
    return round(statistics.mean(len(caption.text.split()) for caption in captions))


@torch.inference_mode()
def parts(settings: EngineSettings, photos: Sequence[bytes]) -> list[System]:
    """What the answer to a photo is made of, in its order; then the search for three captions."""
    kept = checkpoint.load(settings.artifact)
    network, side = kept.network, kept.network.config.image_size
    vectors = vectors_of(galleries.choose(settings), kept, settings)
    index = AnnoyIndex(vectors.matrix, settings.home / "index")
    spoken = kept.vocabulary.words[: kept.vocabulary.output_size]
    content = torch.tensor([float(is_content(word)) for word in spoken])
    pixels = [preprocess.load(photo, side).unsqueeze(0) for photo in photos]
    seen = [network.encode_image(one) for one in pixels]
    encode = torch.inference_mode()(network.encode_image)
    count = len(photos)
    return [
        System("  of it, bytes to pixels", lambda n: preprocess.load(photos[n % count], side)),
        counted("  of it, pixels to grid and joint vector", lambda n: encode(pixels[n % count])),
        _counted("  of it, grid to a caption", lambda n: generate(network, *seen[n % count])),
        System(
            "  of it, joint vector to matches",
            lambda n: index.nearest(seen[n % count].joint[0].numpy(), MATCHES),
        ),
        _counted(
            "grid to 3 captions", lambda n: diverse_captions(network, seen[n % count], CAPTIONS, content)
        ),
    ]


def searches(one_stage: Engine, two_stages: Engine) -> list[System]:
    """Words to images, in one stage and in two; and words to words."""
    return [
        _counted("find, one stage", lambda number: one_stage.find(QUERIES[number % len(QUERIES)])),
        _counted("find, two stages", lambda number: two_stages.find(QUERIES[number % len(QUERIES)])),
        System("similar: boy", lambda _: two_stages.similar("boy")),
    ]


def _counted(name: str, run: Callable[[int], object]) -> System:
    """Count over several rounds: sentences differ in length."""
    return counted(name, run, rounds=PHOTOS)
