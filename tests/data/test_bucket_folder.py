"""Addresses of buckets, and a bucket without the package that reads it. Real buckets: tests/engine/search."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from data import bucket_folder
from data.bucket_folder import BucketFolder
from engine.settings import EngineSettings


@pytest.mark.parametrize(
    "address", ["s3://photos", "s3://photos.eu-1/2024/summer of 24/", "gs://my_photos/a"]
)
def test_an_address_of_a_bucket_is_a_gallery(address: str) -> None:
    assert EngineSettings(gallery=address).gallery == address


@pytest.mark.parametrize(
    "address",
    [
        "ftp://photos/a",
        "file:///home/photos",
        "s3://",
        "s3:///photos",
        "s3://KEY:SECRET@photos",
        "https://a.b/c",
    ],
)
def test_an_address_of_another_kind_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(
        ValueError, match=r"no kind that is read\. Name a folder, s3://BUCKET/FOLDER"
    ) as refused:
        EngineSettings(gallery=address)
    assert "SECRET" not in str(refused.value)


def test_a_path_is_a_path(tmp_path: Path) -> None:
    assert EngineSettings(gallery=str(tmp_path)).gallery == tmp_path
    assert EngineSettings(gallery="~/photos").gallery == Path("~/photos").expanduser()


@pytest.mark.parametrize(("address", "package"), [("s3://photos", "kindred.s3."), ("gs://photos", "gcsfs")])
def test_a_missing_package_is_named(address: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("fsspec", "s3fs", "gcsfs"):
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr(bucket_folder, "_files", bucket_folder._files.__wrapped__)
    with pytest.raises(OSError, match=f"a package is missing. Install it: pip install '?{package}"):
        BucketFolder(address).listing()
