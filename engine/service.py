"""The engine itself, synchronous: one network over one gallery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from threading import Thread

import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from engine import free_memory
from engine.api import CAPTIONS, LABELS, MATCHES, TAGS
from engine.errors import EmptyQueryError, PhotosAwayError
from engine.explain.maps import MapImages, Maps
from engine.gallery import cache_dir, near_duplicates
from engine.gallery.image_reader import Decoder
from engine.language import understanding
from engine.language.entries import english_nouns
from engine.model.checkpoint import Checkpoint
from engine.model.checkpoint import load as load_checkpoint
from engine.photos import preprocess
from engine.photos.preprocess import DecodedPhoto
from engine.results import (
    Caption,
    Description,
    Explanation,
    GalleryInfo,
    Intent,
    Label,
    Match,
    Point,
    Tag,
    WordMatch,
    WordSimilarity,
)
from engine.runtime.beam_search import BEAMS
from engine.search import query_composition
from engine.search.live_gallery import LiveGallery
from engine.search.retriever import Retriever
from engine.search.text_search import TextSearch
from engine.settings import EngineSettings
from engine.words.captioner import Captioner
from engine.words.joint_words import JointWordVectors
from engine.words.recognition import recognise, tag_words
from engine.words.tags import Tagger
from engine.words.text_embedding import TextEmbedder
from engine.words.word_similarity import word_space

RECOGNISED = 3  # things that a description names at most
MAPS = "maps"  # folder within the cache directory

PhotoInput = bytes | DecodedPhoto  # bytes, or decoded already in a process of their own


class Engine:
    """Implements the methods of `engine.api.EngineAPI`, synchronously, in the caller's thread.

    Attributes:
        live_gallery: the gallery, and the work that it needs in idle moments.
    """

    def __init__(
        self,
        settings: EngineSettings,
        checkpoint: Checkpoint | None = None,
        *,
        live: bool = False,
        decode: Decoder | None = None,
        gallery: LiveGallery | None = None,
    ) -> None:
        """Load the network, its vocabulary and the gallery.

        Args:
            settings: the host's settings.
            checkpoint: the network of these settings, if it is loaded already.
            live: whether the gallery is indexed and brought up to date while it is served.
            decode: decodes the gallery's images to index them, by default in this process.
            gallery: the gallery, if it is open already.

        Raises:
            BrokenInstallationError: something is missing or does not fit; the message is one line.
        """
        # NumPy's products are small, and its threads would contend with OpenVINO's.
        threadpool_limits(limits=1, user_api="blas")
        self._checkpoint = checkpoint or load_checkpoint(
            settings.artifact, settings.threads, settings.home / cache_dir.GRAPHS
        )
        self._network, self._vocabulary = self._checkpoint.network, self._checkpoint.vocabulary
        if live:  # its first answer comes as soon as its gallery is open
            Thread(target=self._network.load_graphs, args=((BEAMS, CAPTIONS * BEAMS),), name="graphs").start()
        self._understanding = understanding.of_checkpoint(self._checkpoint)
        self._captioner = Captioner(self._checkpoint)
        self._joint_words = JointWordVectors(self._checkpoint, settings.home / cache_dir.WORDS)
        self._words = word_space(self._checkpoint, self._joint_words)
        self._texts = TextEmbedder(self._checkpoint)
        self._search = TextSearch(self._checkpoint, self._texts, self._joint_words.mean)
        self._tagger = Tagger(self._checkpoint, self._joint_words, self._words)
        with cache_dir.reporting_write_errors(settings.home):
            self.live_gallery = gallery or LiveGallery(self._checkpoint, settings, live=live, decode=decode)
        self._maps = Maps(settings.home / MAPS, self._vocabulary, self._words)
        cache_dir.remove_unused(settings.home)

    @property
    def gallery(self) -> GalleryInfo:
        """The gallery that is searched."""
        served, notice = self._retriever, " ".join(self.live_gallery.notices)
        pending = self.live_gallery.pending
        return GalleryInfo(served.gallery.name, len(served), served.gallery.credit, notice, pending)

    @property
    def image_size(self) -> int:
        """Pixels a side of the network's square input."""
        return self._network.config.image_size

    def warm(self) -> None:
        """Answer one request of each kind, so that the first user does not wait for compilation."""
        side = self.image_size
        features = self._network.encode_image(np.zeros((1, 3, side, side), np.float32))
        for count in (1, CAPTIONS):
            self._captioner.captions(features, count)
        for words in (1, self._network.config.max_length):  # memory for the longest text is never released
            self.find(" ".join(["dog"] * words), 1)
        self._tagger.warm()
        self.understand("a dog")  # reads the dictionaries
        free_memory.give_back()  # what loading graphs took for a moment: 50 MB, and more at the first start

    def describe(self, photo: PhotoInput, count: int = MATCHES, captions: int = CAPTIONS) -> Description:
        """Caption a photo and find the images most similar to it; see `EngineAPI.describe`."""
        decoded = self._decoded(photo)
        features = self._network.encode_image(self._pixels(decoded))
        sentences = self._captioner.captions(features, captions) if captions else ()
        retriever = self._retriever
        try:
            matches = retriever.search_by_photo(features.joint[0], count + 1)
        except PhotosAwayError:
            if not sentences:
                raise
            matches = ()  # a caption needs no gallery
        known = retriever.known_photo(near_duplicates.signature(decoded.square), matches)
        distinct = tuple(match for match in matches if match != known)[:count]
        recognised = recognise(self._checkpoint.class_names, features.classes[0], RECOGNISED)
        return Description(sentences, distinct, known, recognised)

    def captions(self, photo: PhotoInput, count: int = CAPTIONS) -> tuple[Caption, ...]:
        """Caption a photo; see `EngineAPI.captions`."""
        return self._captioner.captions(self._network.encode_image(self._pixels(photo)), count)

    def tags(self, photo: PhotoInput, count: int = TAGS) -> tuple[Tag, ...]:
        """Find single words for a photo; see `EngineAPI.tags`."""
        features = self._network.encode_image(self._pixels(photo))
        words = tag_words(self._checkpoint.class_names, features.classes[0])
        tags = self._tagger.tags(features.joint[0], count, words)
        # Words that no caption contains are names of things.
        return tuple(replace(tag, thing=not tag.spoken or tag.word in english_nouns()) for tag in tags)

    def labels(self, photo: PhotoInput, labels: Sequence[str], count: int = LABELS) -> tuple[Label, ...]:
        """Choose the labels that fit a photo best; see `EngineAPI.labels`."""
        names = query_composition.distinct_labels(labels)
        features = self._network.encode_image(self._pixels(photo))
        by_text = query_composition.label_probabilities(
            self._network.logit_scale, features.joint[0], self._texts.embed(names)
        )
        probabilities = query_composition.add_recognised(
            by_text, names, self._checkpoint.class_names, features.classes[0]
        )
        best = np.argsort(-probabilities, kind="stable")[:count]
        return tuple(Label(names[row], float(probabilities[row])) for row in best)

    def similar(self, word: str, count: int = MATCHES) -> tuple[WordMatch, ...]:
        """Find the words nearest to a word; see `EngineAPI.similar`."""
        return self._words.similar(word, count)

    def analogy(self, a: str, b: str, c: str, count: int = MATCHES) -> tuple[WordMatch, ...]:
        """Answer "a is to b as c is to ?"; see `EngineAPI.analogy`."""
        return self._words.analogy(a, b, c, count)

    def word_similarity(self, a: str, b: str) -> WordSimilarity:
        """Compare two words; see `EngineAPI.word_similarity`."""
        return self._words.word_similarity(a, b)

    def understand(self, text: str, language: str | None = None, *, with_photo: bool = False) -> Intent:
        """Return what a message asks for; see `EngineAPI.understand`."""
        return self._understanding.understand(text, language, with_photo=with_photo)

    def find(self, query: str, count: int = MATCHES, photo: PhotoInput | None = None) -> tuple[Match, ...]:
        """Find the images that fit a description in English; see `EngineAPI.find`."""
        parts = query_composition.parse_query(query, with_photo=photo is not None)
        vector = None if photo is None else self._embed_photo(photo)
        matches = self._search.find(self._retriever, parts, count, vector)
        if photo is None and self._texts.is_zero_shot(query):
            return matches  # which say that they are unsure
        _, share = self._understanding.unfamiliar(part.text for part in parts if not part.negative)
        return tuple(match.with_confidence_scaled(share) for match in matches)

    def invert(self, text: str, count: int = MATCHES) -> tuple[Match, ...]:
        """Find images by inversion of the decoder, the method this project began with.

        It is slower and less accurate than `find`. An incomplete feature cache is completed first: minutes.

        Raises:
            EmptyQueryError: there is nothing to search for, or more than one part.
            RuntimeError: the feature cache is switched off (KINDRED_TWO_STAGES).
        """
        (part, *others) = query_composition.parse_query(text)
        if others:
            raise EmptyQueryError(key="no-signs")
        self._texts.embed([text])
        self.prepare_all()
        return self._retriever.search_by_inversion(self._texts.token_ids(part.text), count)

    @property
    def ready(self) -> bool:
        """True if nothing of the gallery waits to be indexed or put into the feature cache."""
        return self.live_gallery.is_idle

    def prepare(self) -> None:
        """Index one more image, or add it to the feature cache, in this thread."""
        self.live_gallery.prepare()

    def prepare_all(self) -> None:
        """Complete the feature cache now, with a progress bar."""
        total, done = len(self._retriever), self._retriever.second_stage.prepared
        with tqdm(total=total, initial=done, desc="grids", unit=" images", disable=self.ready) as bar:
            while not self.ready:
                self.prepare()
                bar.update(self._retriever.second_stage.prepared - bar.n)
        self._retriever.second_stage.share(at_once=True)

    def search_focused(self, photo: PhotoInput, text: str, count: int = MATCHES) -> tuple[Match, ...]:
        """Find images similar to a photo with a focus on a text; see `EngineAPI.search_focused`."""
        if not text.strip():
            raise EmptyQueryError(key="focus-on-what")
        patches = self._network.encode_image(self._pixels(photo)).patches
        return self._search.find_focused(self._retriever, patches, text, count)

    def similar_images(self, image: str, count: int = MATCHES) -> tuple[Match, ...]:
        """Find the images most similar to one of the gallery; see `EngineAPI.similar_images`."""
        return self._retriever.similar_images(image, count)

    def explain(self, photo: PhotoInput, caption: str = "") -> Explanation:
        """Draw what each word of a caption depends on; see `EngineAPI.explain`.

        A photo that is decoded already is drawn at the size of its `display` image.
        """
        from engine.explain import occlusion

        if isinstance(photo, bytes):
            photo = preprocess.decode_photo(photo, self.image_size, for_display=True)
        bonuses = self._captioner.bonuses
        return Explanation(
            *occlusion.explain_caption(self._network, self._vocabulary, photo, caption, bonuses)
        )

    def word_map(self) -> bytes:
        """Draw a map of words as PNG; see `EngineAPI.word_map`."""
        return self._maps.draw_words()

    def image_map(self) -> bytes:
        """Draw a map of the gallery's images as PNG; see `EngineAPI.image_map`."""
        return self._maps.draw_images(self._map_images)

    def word_points(self) -> tuple[Point, ...]:
        """Return the points of the map of words."""
        return self._maps.word_points()

    def image_points(self) -> tuple[Point, ...]:
        """Return the points of the map of images."""
        return self._maps.image_points(self._map_images)

    def sample(self, count: int = MATCHES) -> tuple[Match, ...]:
        """Pick images of the gallery at random."""
        return self._retriever.sample(count)

    def near_duplicates(self) -> tuple[Match, ...]:
        """Return each image of the gallery that has near-duplicates, once; it may take seconds."""
        return self._retriever.near_duplicates()

    def picture(self, image: str) -> bytes:
        """Return the file content of one image of the gallery; see `EngineAPI.picture`."""
        return self.live_gallery.picture(image)

    def album_photo(self, picture: bytes) -> bytes:
        """Return an image, the content of its file, as a photo for Telegram; see `EngineAPI.album_photo`."""
        return preprocess.album_jpeg(picture)

    def thumbnail(self, picture: bytes, side: int) -> bytes:
        """Return an image, the content of its file, as a small JPEG; see `EngineAPI.thumbnail`."""
        return preprocess.thumbnail(picture, side)

    @property
    def _retriever(self) -> Retriever:
        """The gallery as it is now; a request takes it once."""
        return self.live_gallery.retriever

    @property
    def _map_images(self) -> MapImages:
        retriever = self._retriever
        gallery, embeddings = retriever.gallery, retriever.embeddings

        return MapImages(embeddings.images, embeddings.matrix, gallery.exists, gallery.read)

    def _pixels(self, photo: PhotoInput) -> np.ndarray:
        """Return the network's input for a photo: (1, 3, S, S)."""
        return preprocess.to_pixels(self._decoded(photo).square, self.image_size)[None]

    def _decoded(self, photo: PhotoInput) -> DecodedPhoto:
        return preprocess.decode_photo(photo, self.image_size) if isinstance(photo, bytes) else photo

    def _embed_photo(self, photo: PhotoInput) -> np.ndarray:
        """Return the joint vector (J,) of a photo."""
        return self._network.encode_image(self._pixels(photo)).joint[0]
