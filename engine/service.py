"""The engine itself, synchronous: one network, one gallery, the verbs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch import Tensor
from torch.nn import functional as F
from tqdm import tqdm

from engine.api import CAPTIONS, LABELS, MATCHES, TAGS
from engine.errors import BadInputError, EmptyQueryError, UnfitLabelsError
from engine.model.beam_search import diverse_captions
from engine.model.checkpoint import Checkpoint
from engine.model.checkpoint import load as load_checkpoint
from engine.model.layers import ImageFeatures
from engine.model.vocabulary import END, START, UNKNOWN, pad, tokenize
from engine.photos import preprocess
from engine.photos.preprocess import Picture
from engine.results import (
    Caption,
    Description,
    Explanation,
    GalleryInfo,
    Label,
    Match,
    Point,
    Tag,
    WordMatch,
    WordSimilarity,
)
from engine.search import cache_dir, embeddings, galleries, query_composition
from engine.search.retriever import Retriever
from engine.settings import EngineSettings
from engine.words.stopwords import content_words, is_content
from engine.words.tags import Tagger
from engine.words.word_similarity import JointWords, unit_rows, word_space

if TYPE_CHECKING:
    from engine.explain.tsne_map import Map

PREPARED = 4  # images at a time: a request that comes meanwhile waits no longer than for a photo
MAX_LABELS = 100  # each is a sentence to embed, and a longer list is a mistake more often than a question
MAPS = "maps"  # the folder of the settings' home

Photo = bytes | Picture  # as it came, to be read here; or read already, in a process of its own


class Engine:
    """Answers the verbs of `engine.api`, one at a time, in the caller's thread."""

    def __init__(self, settings: EngineSettings, checkpoint: Checkpoint | None = None) -> None:
        """Load the network, its words and the gallery.

        Args:
            settings: the host's settings.
            checkpoint: the network of these settings, if it is loaded already.

        Raises:
            BrokenInstallationError: something is missing or does not fit; one line says what.
        """
        torch.set_num_threads(settings.threads)
        # NumPy's products are small, and threads of its own would wait for torch's, which spin: 8 ms.
        threadpool_limits(limits=1, user_api="blas")
        self._home = settings.home
        self._checkpoint = checkpoint or load_checkpoint(settings.artifact)
        self._network, self._vocabulary = self._checkpoint.network, self._checkpoint.vocabulary
        spoken = self._vocabulary.words[: self._vocabulary.output_size]
        self._content = torch.tensor([float(is_content(word)) for word in spoken])
        self._joints = JointWords(self._checkpoint)
        self._words = word_space(self._checkpoint, self._joints)
        self._tagger = Tagger(self._checkpoint, self._joints, self._words)
        with cache_dir.writing_to(settings.home):
            self._gallery = galleries.choose(settings)
            self._vectors = embeddings.vectors_of(self._gallery, self._checkpoint, settings)
            self._search = Retriever(self._checkpoint, self._gallery, self._vectors, settings)
        cache_dir.clean(settings.home)

    @property
    def gallery(self) -> GalleryInfo:
        """See `EngineAPI.gallery`."""
        notice = " ".join((*self._gallery.notices, *embeddings.notices(self._gallery, self._vectors)))
        return GalleryInfo(self._gallery.name, len(self._search), self._gallery.credit, notice)

    @property
    def side(self) -> int:
        """Pixels a side of the square that the network sees of a photo."""
        return self._network.config.image_size

    def warm(self) -> None:
        """Answer once of each kind, so that nobody's first request pays for caches."""
        side = self.side
        with torch.inference_mode():
            features = self._network.encode_image(torch.zeros(1, 3, side, side))
            for count in (1, CAPTIONS):
                self._caption(features, count)
        for words in (1, self._network.config.max_length):  # memory for the longest is kept
            self.find(" ".join(["dog"] * words), 1)
        self._tagger.warm()

    def describe(self, photo: Photo, count: int = MATCHES, captions: int = CAPTIONS) -> Description:
        """See `EngineAPI.describe`."""
        with torch.inference_mode():
            features = self._network.encode_image(self._pixels(photo))
            said = self._caption(features, captions) if captions else ()
        return Description(said, self._search.lookalikes(features.joint[0].numpy(), count))

    def captions(self, photo: Photo, count: int = CAPTIONS) -> tuple[Caption, ...]:
        """See `EngineAPI.captions`."""
        with torch.inference_mode():
            return self._caption(self._network.encode_image(self._pixels(photo)), count)

    def tags(self, photo: Photo, count: int = TAGS) -> tuple[Tag, ...]:
        """See `EngineAPI.tags`."""
        return self._tagger.tags(self._joint(photo).numpy(), count)

    def labels(self, photo: Photo, labels: Sequence[str], count: int = LABELS) -> tuple[Label, ...]:
        """See `EngineAPI.labels`."""
        given = [label.strip() for label in labels if label.strip()]
        names = list({label.lower(): label for label in reversed(given)}.values())  # the first of each
        if len(names) < 2:
            raise UnfitLabelsError(key="too-few-labels")
        if len(names) > MAX_LABELS:
            raise UnfitLabelsError(key="too-many-labels", count=len(names), limit=MAX_LABELS)
        probabilities = query_composition.label_probabilities(
            self._network, self._joint(photo), self._texts(names)
        )
        best = np.argsort(-probabilities, kind="stable")[:count]
        return tuple(Label(names[row], float(probabilities[row])) for row in best)

    def similar(self, word: str, count: int = MATCHES) -> tuple[WordMatch, ...]:
        """See `EngineAPI.similar`."""
        if not word.strip():
            raise EmptyQueryError(key="which-word")
        return self._words.similar(word, count)

    def analogy(self, a: str, b: str, c: str, count: int = MATCHES) -> tuple[WordMatch, ...]:
        """See `EngineAPI.analogy`."""
        return self._words.analogy(a, b, c, count)

    def word_similarity(self, a: str, b: str) -> WordSimilarity:
        """See `EngineAPI.word_similarity`."""
        if not (a.strip() and b.strip()):
            raise EmptyQueryError(key="which-two-words")
        return self._words.word_similarity(a, b)

    def find(self, text: str, count: int = MATCHES, photo: Photo | None = None) -> tuple[Match, ...]:
        """See `EngineAPI.find`."""
        parts = query_composition.parse(text, with_photo=photo is not None)
        texts = self._texts([part.text for part in parts]).numpy()
        if photo is None and len(parts) == 1:
            if all(word in self._checkpoint.prototypes for word in tokenize(text)):
                return self._search.find_unseen(texts[0], count)
            return self._search.find(texts[0], count, self._encode(parts[0].text))
        words = query_composition.combine(texts, parts, self._joints.shared)
        query = words if photo is None else words + self._joint(photo).numpy()
        return self._search.find(unit_rows(query), count)

    def invert(self, text: str, count: int = MATCHES) -> tuple[Match, ...]:
        """Find images the way this project began: by what the decoder would have to see to say a text.

        Slow and less exact than `find`. Prepares the gallery first where that was not done: minutes.

        Raises:
            BrokenInstallation: KINDRED_TWO_STAGES is off, which this way needs.
        """
        (part, *others) = query_composition.parse(text)
        if others:
            raise EmptyQueryError(key="no-signs")
        self._texts([text])
        self.prepare_all()
        return self._search.invert(self._encode(part.text), count)

    @property
    def ready(self) -> bool:
        """Whether there is nothing left to prepare."""
        return self._search.ready

    def prepare(self, count: int = PREPARED) -> None:
        """Make search more exact by work that can wait for an idle moment: some images at a time."""
        self._search.prepare(count)

    def prepare_all(self) -> None:
        """Do all of that work now, and show how far it is."""
        total, done = len(self._search), self._search.prepared
        with tqdm(total=total, initial=done, desc="grids", unit=" images", disable=self.ready) as bar:
            while not self.ready:
                self.prepare()
                bar.update(self._search.prepared - bar.n)

    def search_focused(self, photo: Photo, text: str, count: int = MATCHES) -> tuple[Match, ...]:
        """See `EngineAPI.search_focused`."""
        if not text.strip():
            raise EmptyQueryError(key="focus-on-what")
        words = self._texts([text])[0]
        with torch.inference_mode():
            query = query_composition.focused_query(
                self._network, self._network.image_features(self._pixels(photo)), words
            )
        return self._search.find(query, count)

    def similar_images(self, image: str, count: int = MATCHES) -> tuple[Match, ...]:
        """See `EngineAPI.similar_images`."""
        return self._search.similar_images(image, count)

    def explain(self, photo: Photo) -> Explanation:
        """See `EngineAPI.explain`. A photo that was read already was read to be shown."""
        from engine.explain import occlusion

        picture = preprocess.read(photo, self.side, shown=True) if isinstance(photo, bytes) else photo
        return Explanation(*occlusion.explain_caption(self._network, self._vocabulary, picture))

    def word_map(self) -> bytes:
        """See `EngineAPI.word_map`."""
        from engine.explain import tsne_map

        return tsne_map.draw_words(self._words_laid_out)

    def image_map(self) -> bytes:
        """See `EngineAPI.image_map`."""
        from engine.explain import tsne_map

        found = self._images_laid_out
        side = tsne_map.cell_side(len(found.names))
        thumbnails = (preprocess.decode(self.picture(name), side) for name in found.names)
        return tsne_map.draw_photos(found, thumbnails)

    def word_points(self) -> tuple[Point, ...]:
        """See `EngineAPI.word_points`."""
        return self._words_laid_out.points

    def image_points(self) -> tuple[Point, ...]:
        """See `EngineAPI.image_points`."""
        return self._images_laid_out.points

    def sample(self, count: int = MATCHES) -> tuple[Match, ...]:
        """See `EngineAPI.sample`."""
        return self._search.sample(count)

    def picture(self, image: str) -> bytes:
        """See `EngineAPI.picture`."""
        return self._gallery.path(image).read_bytes()

    def thumbnail(self, image: str, side: int) -> bytes:
        """See `EngineAPI.thumbnail`."""
        return preprocess.thumbnail(self.picture(image), side)

    def knows(self, word: str) -> bool:
        """See `EngineAPI.knows`."""
        return self._words.knows(word)

    @cached_property
    def _words_laid_out(self) -> Map:
        from engine.explain import tsne_map

        numbers = content_words(self._vocabulary, tsne_map.WORDS)
        names = [self._vocabulary.words[number] for number in numbers]
        return tsne_map.cached_layout(self._home / MAPS, names, self._words.vectors(numbers))

    @cached_property
    def _images_laid_out(self) -> Map:
        from engine.explain import tsne_map

        count = min(tsne_map.PHOTOS, len(self._vectors.images))
        if count < tsne_map.FEWEST:
            raise BadInputError(key="gallery-too-small", fewest=tsne_map.FEWEST, count=count)
        rows = np.linspace(0, len(self._vectors.images) - 1, count).astype(int)  # from all over the gallery
        names = [self._vectors.images[row] for row in rows]
        return tsne_map.cached_layout(self._home / MAPS, names, self._vectors.matrix[rows])

    def _pixels(self, photo: Photo) -> Tensor:
        """What the network is given of a photo: (1, 3, S, S)."""
        picture = preprocess.read(photo, self.side) if isinstance(photo, bytes) else photo
        return preprocess.to_tensor(picture.square, self.side).unsqueeze(0)

    @torch.inference_mode()
    def _joint(self, photo: Photo) -> Tensor:
        """Joint vector of a photo: (J,)."""
        return self._network.encode_image(self._pixels(photo)).joint[0]

    @torch.inference_mode()
    def _texts(self, texts: Sequence[str]) -> Tensor:
        """Joint vectors of texts: (N, J). Words that no caption held are added by their looks.

        Raises:
            EmptyQuery: the network knows no word of one of them.
        """
        prototypes = self._checkpoint.prototypes
        for text in texts:
            if not any(word in prototypes or word in self._vocabulary for word in tokenize(text)):
                if len(texts) == 1:
                    raise EmptyQueryError(key="unknown-words")
                raise EmptyQueryError(key="unknown-part", text=text)
        numbers = [self._encode(" ".join(w for w in tokenize(text) if w not in prototypes)) for text in texts]
        joint = self._network.encode_text(pad(numbers)).joint
        said = torch.tensor([any(n > UNKNOWN for n in row) for row in numbers]).unsqueeze(1)
        return F.normalize(joint * said + torch.from_numpy(np.stack([prototypes.of(text) for text in texts])))

    def _encode(self, text: str) -> list[int]:
        return self._vocabulary.encode(text, self._network.config.max_length)

    def _caption(self, features: ImageFeatures, count: int) -> tuple[Caption, ...]:
        sentences = diverse_captions(self._network, features, count, self._content)
        said = [[START, *sentence.token_ids, END] for sentence in sentences]
        texts = self._network.encode_text(pad(said)).joint.numpy()
        likelihood = np.array([s.log_probability / (len(s.token_ids) + 1) for s in sentences])
        sure = self._checkpoint.calibration.of_captions(texts, features.joint[0].numpy(), likelihood)
        return tuple(
            Caption(self._vocabulary.decode(s.token_ids), s.confidence, confidence)
            for s, confidence in zip(sentences, sure.tolist(), strict=True)
        )
