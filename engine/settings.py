"""What a host may set for the engine, read from the environment once per process."""

from __future__ import annotations

from pathlib import Path

import platformdirs
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ARTIFACT_DIR = Path(__file__).parent / "artifact"


class EngineSettings(BaseSettings):
    """Frozen settings of the engine; every field is an environment variable."""

    model_config = SettingsConfigDict(
        frozen=True, env_prefix="KINDRED_", extra="ignore", populate_by_name=True
    )

    flickr8k: Path | None = Field(
        default=None,
        validation_alias="FLICKR8K_DIR",
        description="Folder that holds Flicker8k_Dataset/ and Flickr8k_text/.",
    )
    gallery: Path | None = Field(
        default=None,
        description="A folder of your own images to search instead of Flickr8K.",
    )
    fetch: bool = Field(
        default=True, description="Whether the demo fetches Flickr8K (1.1 GB) where there is none."
    )
    home: Path = Field(
        default=Path(platformdirs.user_cache_dir("kindred")),
        description="Folder for what can be made again: indexes, vectors, downloads.",
    )
    artifact: Path = Field(default=ARTIFACT_DIR, description="Folder of the network's weights and vectors.")
    two_stages: bool = Field(
        default=True,
        description="Whether the decoder helps to search; it needs 28 KB of KINDRED_HOME an image.",
    )
    threads: int = Field(default=2, ge=1, description="Processor threads one inference may use.")
    waiting: int = Field(default=32, ge=1, description="Requests that may wait before “busy” is answered.")
