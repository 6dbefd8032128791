"""Kindred's systems: the engine as it ships, and the parts of its response to a photo."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from data.gallery import folder_gallery
from data.starter import make_starter
from engine.api import CAPTIONS, MATCHES
from engine.gallery import galleries
from engine.gallery.embeddings import ImageEmbeddings, embeddings_file, save
from engine.model import checkpoint
from engine.photos import preprocess
from engine.search.indexes import open_index
from engine.search.indexing import open_embeddings
from engine.service import Engine
from engine.settings import EngineSettings
from engine.words.captioner import Captioner
from tests.benchmarks.baselines import GALLERY_SIZE
from tests.benchmarks.measure import System, count_flops
from tests.benchmarks.samples import PHOTOS

QUERIES = ("a dog running on the beach", "two boys playing football", "a man climbing a rock")


def gallery_settings(settings: EngineSettings, home: Path) -> EngineSettings:
    """Return settings for Flickr8K, or else for as many links to starter photos with random embeddings."""
    settings = settings.model_copy(update={"home": home, "gallery": None})
    if settings.flickr8k:
        return settings
    starters, folder = sorted(make_starter(home / galleries.STARTER).iterdir()), home / "photos"
    folder.mkdir()
    for number in range(GALLERY_SIZE):
        (folder / f"{number}.jpg").symlink_to(starters[number % len(starters)])
    gallery, loaded = (
        folder_gallery(folder, folder.name),
        checkpoint.load(settings.artifact, settings.threads),
    )
    matrix = np.random.default_rng(0).standard_normal((GALLERY_SIZE, loaded.network.config.joint_width))
    file = embeddings_file(gallery, loaded, settings)
    save(ImageEmbeddings(gallery.images, matrix), file, loaded.fingerprint)
    return settings.model_copy(update={"gallery": folder})


def engines(settings: EngineSettings) -> tuple[Engine, Engine]:
    """Return an engine without and one with the second stage (re-ranking).

    The feature cache of the second stage stays filled with zeros: computing it takes minutes, and zeros are
    as slow to read.
    """
    one_stage = Engine(settings.model_copy(update={"two_stages": False}))
    Engine(settings)  # creates the cache file
    for counter in (settings.home / "grids").glob("*.done"):
        counter.write_text(str(one_stage.gallery.size))
    two_stages = Engine(settings)
    if not two_stages.ready:
        raise RuntimeError("the second stage is not ready: has the path of its cache changed?")
    return one_stage, two_stages


def answer(engine: Engine, photos: Sequence[bytes]) -> System:
    """Return the complete response to a photo, as the bot requests it."""
    return _count_mean_flops(
        "Kindred: caption, 10 matches",
        lambda number: engine.describe(photos[number % len(photos)], captions=1),
    )


def mean_caption_length(engine: Engine, photos: Sequence[bytes]) -> int:
    """Return the mean number of words of the captions of photos, rounded."""
    captions = [caption for photo in photos for caption in engine.captions(photo)]
    return round(statistics.mean(len(caption.text.split()) for caption in captions))


def parts(settings: EngineSettings, photos: Sequence[bytes]) -> list[System]:
    """Return the parts of the response to a photo, in order; then the generation of three captions."""
    loaded = checkpoint.load(settings.artifact, settings.threads)
    network, side = loaded.network, loaded.network.config.image_size
    gallery = galleries.open_gallery(settings)
    vectors = open_embeddings(gallery, loaded, settings)
    index = open_index(gallery, loaded, vectors, settings)
    captioner = Captioner(loaded)
    pixels = [preprocess.decode_to_pixels(photo, side)[None] for photo in photos]
    features = [network.encode_image(one) for one in pixels]
    count = len(photos)
    return [
        System("  decode photo", lambda n: preprocess.decode_to_pixels(photos[n % count], side)),
        count_flops("  image encoder", lambda n: network.encode_image(pixels[n % count])),
        _count_mean_flops("  beam search, 1 caption", lambda n: captioner.captions(features[n % count], 1)),
        System(
            "  nearest neighbours",
            lambda n: index.nearest(features[n % count].joint[0], MATCHES),
        ),
        _count_mean_flops(
            "beam search, 3 captions", lambda n: captioner.captions(features[n % count], CAPTIONS)
        ),
    ]


def searches(one_stage: Engine, two_stages: Engine) -> list[System]:
    """Return search by description, with and without re-ranking, and word similarity."""
    return [
        _count_mean_flops("search, one stage", lambda number: one_stage.find(QUERIES[number % len(QUERIES)])),
        _count_mean_flops(
            "search, two stages", lambda number: two_stages.find(QUERIES[number % len(QUERIES)])
        ),
        System("word similarity", lambda _: two_stages.similar("boy")),
    ]


def _count_mean_flops(name: str, run: Callable[[int], object]) -> System:
    """Count FLOPs as the mean over several rounds: captions differ in length."""
    return count_flops(name, run, rounds=PHOTOS)
