"""Kindred's own rows: the engine's verbs as they ship, and what an answer to a photo is made of."""

from __future__ import annotations

import io
import statistics
from pathlib import Path

import numpy as np
import skimage.data
import torch
from PIL import Image

from data.gallery import folder_gallery
from data.starter import make_starter
from engine import artifact, galleries, images
from engine.captioning import candidates, generate
from engine.content import is_content
from engine.index import AnnoyIndex
from engine.service import Engine
from engine.settings import EngineSettings
from engine.verbs import CAPTIONS, MATCHES
from tests.benchmarks.measure import System, counted
from tests.benchmarks.peers import PHOTOS

QUERIES = ("a dog running on the beach", "two boys playing football", "a man climbing a rock")


def a_photo() -> bytes:
    """JPEG of the size that Telegram hands out."""
    buffer = io.BytesIO()
    Image.fromarray(skimage.data.astronaut()).resize((1280, 960)).save(buffer, "JPEG")
    return buffer.getvalue()


def full_gallery(settings: EngineSettings, home: Path) -> EngineSettings:
    """Serve Flickr8K where it is at hand; else as many links to starter photos, with random vectors."""
    settings = settings.model_copy(update={"home": home, "gallery": None})
    if settings.flickr8k:
        return settings
    starters, folder = sorted(make_starter(home / galleries.STARTER).iterdir()), home / "photos"
    folder.mkdir()
    for number in range(PHOTOS):
        (folder / f"{number}.jpg").symlink_to(starters[number % len(starters)])
    gallery, kept = folder_gallery(folder, folder.name), artifact.load(settings.artifact)
    matrix = np.random.default_rng(0).standard_normal((PHOTOS, kept.network.config.joint_width))
    file = galleries.vectors_file(gallery, kept, settings)
    galleries.save(galleries.Vectors(gallery.images, matrix), file, kept.fingerprint)
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


def answer(engine: Engine, photo: bytes) -> System:
    """The whole answer to a photo."""
    return counted("Kindred: caption, 10 matches", lambda: engine.describe(photo))


def words_of(engine: Engine, photo: bytes) -> int:
    """How many words the photo's captions have, on average."""
    return round(statistics.mean(len(caption.text.split()) for caption in engine.describe(photo).captions))


@torch.inference_mode()
def parts(settings: EngineSettings, photo: bytes) -> list[System]:
    """What the answer to a photo is made of, in its order."""
    kept = artifact.load(settings.artifact)
    network, side = kept.network, kept.network.config.image_side
    vectors = galleries.vectors_of(galleries.choose(settings), kept, settings)
    index = AnnoyIndex(vectors.matrix, settings.home / "index")
    pixels = images.load(photo, side).unsqueeze(0)
    features = network.encode_image(pixels)
    grid, joint = features.grid, features.joint[0].numpy()
    spoken = kept.vocabulary.words[: kept.vocabulary.spoken]
    content = torch.tensor([float(is_content(word)) for word in spoken])
    encode = torch.inference_mode()(network.encode_image)
    return [
        System("  of it, bytes to pixels", lambda: images.load(photo, side)),
        counted("  of it, pixels to grid and joint vector", lambda: encode(pixels)),
        counted("  of it, grid to three captions", lambda: candidates(network, grid, CAPTIONS, content)),
        System("  of it, joint vector to matches", lambda: index.nearest(joint, MATCHES)),
        counted("grid to one caption", lambda: generate(network, grid)),
    ]


def searches(one_stage: Engine, two_stages: Engine) -> list[System]:
    """Words to images, in one stage and in two; and words to words."""
    rows = [
        counted(f"find, {stages}: {query}", lambda engine=engine, query=query: engine.find(query))
        for stages, engine in (("one stage", one_stage), ("two stages", two_stages))
        for query in QUERIES
    ]
    return [*rows, System("similar: boy", lambda: two_stages.similar("boy"))]
