"""Near-duplicates: what is joined, and what is not."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors import safe_open
from skimage import data

from engine.evaluation.near_duplicates import ALTERATIONS
from engine.gallery import embeddings, near_duplicates
from engine.gallery.near_duplicates import SAME_PHOTO, correlations, signature
from engine.search import duplicate_groups
from engine.search.ann_index import ExactIndex
from engine.search.duplicate_groups import CANDIDATES, NearDuplicates
from engine.settings import ARTIFACT_DIR
from tests.paint import meadow, ocean

Copies = tuple[np.ndarray, np.ndarray]

PHOTOS = {
    name: Image.fromarray(getattr(data, name)()).convert("RGB") for name in ("chelsea", "astronaut", "coffee")
}


def fit(one: Image.Image, other: Image.Image) -> float:
    (correlation,) = correlations(signature(one), signature(other)[np.newaxis])
    return float(correlation)


def finder(cosines: list[float], signatures: list[np.ndarray]) -> NearDuplicates:
    """Near-duplicates among images with these cosines to the first one."""
    matrix = np.array([[cosine, np.sqrt(1 - cosine**2)] for cosine in cosines], dtype=np.float32)
    return NearDuplicates(ExactIndex(matrix), matrix, np.stack(signatures))


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("kind", [kind for kind in ALTERATIONS if not kind.startswith("burst")])
def test_an_altered_photo_fits_its_original(name: str, kind: str) -> None:
    one, other = ALTERATIONS[kind](PHOTOS[name], random.Random(1))
    enough = near_duplicates.SAME_SCENE if "0.85" in kind else 0.9
    assert fit(one, other) > enough
    assert fit(other, one) == pytest.approx(fit(one, other), abs=1e-5)


def test_different_photos_do_not_fit() -> None:
    names = list(PHOTOS)
    for one, other in zip(names, names[1:] + names[:1], strict=True):
        assert fit(PHOTOS[one], PHOTOS[other]) < 0.6


def test_a_picture_without_details_fits_nothing() -> None:
    plain = Image.new("RGB", (40, 30), (200, 30, 30))
    assert fit(plain, plain) < 0.01


def test_a_burst_is_joined_only_if_the_network_sees_the_same() -> None:
    one, other = ALTERATIONS["burst_moved_by_0.1"](PHOTOS["chelsea"], random.Random(3))
    signatures = [signature(one), signature(other)]
    assert near_duplicates.SAME_SCENE < fit(one, other) < SAME_PHOTO
    assert finder([1.0, 0.97], signatures).of(0) == (1,)
    assert finder([1.0, 0.90], signatures).of(0) == ()


def test_a_copy_is_joined_though_the_network_sees_something_else() -> None:
    one, other = ALTERATIONS["recompressed"](PHOTOS["coffee"], random.Random(1))
    assert finder([1.0, 0.7], [signature(one), signature(other)]).of(0) == (1,)


def test_two_bare_horizons_are_not_joined() -> None:
    sea, field = signature(ocean()), signature(meadow())
    assert correlations(sea, field[np.newaxis])[0] > SAME_PHOTO  # all their details are one line
    assert finder([1.0, 0.53], [sea, field]).of(0) == ()


def test_a_burst_longer_than_the_first_look_is_found_whole() -> None:
    count = 3 * CANDIDATES
    same = signature(PHOTOS["chelsea"])
    assert sorted(finder([1.0] * count, [same] * count).of(5)) == [row for row in range(count) if row != 5]


def test_an_unknown_signature_is_like_no_other() -> None:
    known, (unknown,) = signature(PHOTOS["chelsea"]), near_duplicates.unknown_signatures(1)
    found = finder([1.0, 1.0, 1.0], [known, unknown, unknown])
    assert [found.of(row) for row in range(3)] == [(), (), ()]


def stored(matrix: np.ndarray, signatures: np.ndarray, folder: Path) -> NearDuplicates:
    return NearDuplicates(ExactIndex(matrix), matrix, signatures, folder)


@pytest.fixture
def copies() -> Copies:
    """Vectors and signatures of three photos, with one, two and no copies."""
    kinds = [0, 1, 0, 1, 2, 1]
    matrix = np.eye(3, dtype=np.float32)[kinds]
    return matrix, np.stack([signature(photo) for photo in PHOTOS.values()])[kinds]


def test_what_is_found_in_idle_moments_is_known_after_the_next_start(copies: Copies, tmp_path: Path) -> None:
    first = stored(*copies, tmp_path)
    assert not first.is_complete
    first.find_more(np.inf)
    again = stored(*copies, tmp_path)
    assert again.is_complete
    assert [again.of(row) for row in range(6)] == [first.of(row) for row in range(6)]
    assert [set(again.of(row)) for row in range(6)] == [{2}, {3, 5}, {0}, {1, 5}, set(), {1, 3}]


def test_what_is_found_of_other_images_or_damaged_is_not_believed(
    copies: Copies, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    matrix, signatures = copies
    stored(matrix, signatures, tmp_path).find_more(np.inf)
    assert not stored(matrix, signatures[::-1], tmp_path).is_complete
    (file,) = tmp_path.iterdir()
    content = file.read_bytes()
    for damaged in (b"", content[:-5], content[:-1] + bytes([content[-1] ^ 1])):
        file.write_bytes(damaged)
        assert not stored(matrix, signatures, tmp_path).is_complete
        assert "is damaged" in caplog.text
        caplog.clear()


def test_idle_moments_compare_for_as_long_as_they_may(copies: Copies, tmp_path: Path) -> None:
    found = stored(*copies, tmp_path)
    for row in range(6):
        assert not found.is_complete, row
        found.find_more(0)  # one image
    assert found.is_complete
    assert stored(*copies, tmp_path).is_complete


def test_idle_moments_do_not_store_each_pair_of_a_thousand_equal_photos(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicate_groups, "MAX_PAIRS", 100)
    count = 50
    matrix, same = np.ones((count, 1), np.float32), signature(PHOTOS["coffee"])
    found = stored(matrix, np.stack([same] * count), tmp_path)
    found.find_more(np.inf)
    assert found.is_complete
    assert len(found.of(count - 1)) == count - 1


def test_photos_of_flickr8k_are_joined_as_people_would(flickr8k_dir: Path) -> None:
    file = ARTIFACT_DIR / "Flickr8K.safetensors"
    with safe_open(file, "numpy") as content:
        known = embeddings.load(file, content.metadata()["network"])
    assert known is not None
    assert known.incomplete(with_classes=False) == ()
    photo = Image.open(flickr8k_dir / "Flicker8k_Dataset" / known.images[0]).convert("RGB")
    (same,) = correlations(signature(photo), known.signatures[:1])
    assert same > 0.99
    found = NearDuplicates(ExactIndex(known.matrix), known.matrix, known.signatures)
    rows = {image: row for row, image in enumerate(known.images)}
    for one, other in (
        ("2851198725_37b6027625.jpg", "3050606344_af711c726c.jpg"),  # the same file
        ("2750867389_4b815f793a.jpg", "2751694538_fffa3d307d.jpg"),  # a driver, a moment later
    ):
        assert found.of(rows[one]) == (rows[other],)
