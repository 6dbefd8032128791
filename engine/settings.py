"""Settings of the engine, read from the environment once per process."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    WithJsonSchema,
)
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from data.bucket_folder import is_address, is_bucket

PREFIX = "KINDRED_"
ARTIFACT_DIR = Path(__file__).parent / "weights"
# Groups of the settings reference; settings without a group concern the process.
GALLERY: JsonDict = {"group": "Gallery"}
NETWORK: JsonDict = {"group": "Network"}
CLUSTER: JsonDict = {"group": "Cluster"}


def _check_web_address(text: str) -> str:
    try:
        AnyHttpUrl(text)
    except ValidationError:
        raise PydanticCustomError(
            "address", "This is no web address. One begins with http:// or https:// and a host's name"
        ) from None
    return text


WebAddress = Annotated[
    str, AfterValidator(_check_web_address), WithJsonSchema({"type": "string", "format": "uri"})
]


def _check_ray_address(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or "/" in host or not port.isdecimal() or not 0 < int(port) < 2**16:
        raise PydanticCustomError(
            "ray", "This is no address of a Ray cluster. One is HOST:PORT, such as 10.0.0.1:6379"
        )
    return text


RayAddress = Annotated[str, AfterValidator(_check_ray_address)]


def _expand_home(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:  # no HOME, and no entry of this user in the password database
        raise PydanticCustomError(
            "home", "This user has no home folder. Name a whole path, one that begins with /"
        ) from None


def _cache_folder() -> Path:
    try:
        return Path(platformdirs.user_cache_dir("kindred"))
    except RuntimeError:  # there is no home folder, and `_expand_home` says so
        return Path("~/.cache/kindred")


def _default_threads() -> int:
    """Return 2, what was measured to pay, or 1 where this process may use one core only."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(2, cores)


UserPath = Annotated[Path, AfterValidator(_expand_home)]


def _path_or_address(place: object) -> object:
    """Tell an address, which stays a text, from a path."""
    if not isinstance(place, str):
        return place
    if not is_address(place):
        return _expand_home(Path(place))
    if not is_bucket(place):
        raise PydanticCustomError(
            "bucket",
            "This address is of no kind that is read. Name a folder, s3://BUCKET/FOLDER or gs://BUCKET/FOLDER",
        )
    return place


def _bucket(address: str) -> str:
    if not is_bucket(address):
        raise PydanticCustomError(
            "bucket", "Name a folder of a bucket, s3://BUCKET/FOLDER or gs://BUCKET/FOLDER"
        )
    return address


Bucket = Annotated[str, AfterValidator(_bucket)]
GalleryPlace = Annotated[
    Path | str, BeforeValidator(_path_or_address), WithJsonSchema({"type": "string", "format": "place"})
]


class EngineSettings(BaseSettings):
    """Frozen settings of the engine; every field is an environment variable, empty means unset."""

    model_config = SettingsConfigDict(
        frozen=True,
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    flickr8k: UserPath | None = Field(
        default=None,
        validation_alias="FLICKR8K_DIR",
        json_schema_extra=GALLERY,
        description="Folder that holds Flicker8k_Dataset/ and Flickr8k_text/.",
    )
    wild: UserPath | None = Field(
        default=None,
        validation_alias="WILD_DIR",
        json_schema_extra=NETWORK,
        description="Folder of everyday and class photos that `python -m engine evaluate` measures, too.",
    )
    gallery: GalleryPlace | None = Field(
        default=None,
        json_schema_extra=GALLERY,
        description="A folder of your own images to search instead of Flickr8K; or a folder of a bucket, "
        "s3://BUCKET/FOLDER (docs/scaling.md).",
    )
    gallery_url: WebAddress | None = Field(
        default=None,
        json_schema_extra=GALLERY,
        description="Web address of that folder: each match then leads to its original below it.",
    )
    fetch: bool = Field(
        default=True,
        json_schema_extra=GALLERY,
        description="Whether Flickr8K (1.1 GB) is fetched, beside the service, where no gallery is named.",
    )
    rescan: float = Field(
        default=60.0,
        ge=0,
        allow_inf_nan=False,
        json_schema_extra=GALLERY,
        description="Seconds between two looks for new, changed and removed images; 0: only at the start.",
    )
    home: UserPath = Field(
        default_factory=_cache_folder,
        validate_default=True,
        json_schema_extra={"default_in_words": "the user's cache folder"},
        description="Folder for all that is kept: indexes, downloads, and what people chose.",
    )
    artifact: UserPath = Field(
        default=ARTIFACT_DIR,
        json_schema_extra={**NETWORK, "default_in_words": "the one that ships"},
        description="Folder of the network's weights and vectors.",
    )
    two_stages: bool = Field(
        default=True,
        json_schema_extra=NETWORK,
        description="Whether the decoder helps to search; it needs 52 KB of KINDRED_HOME an image.",
    )
    features: Bucket | None = Field(
        default=None,
        json_schema_extra=NETWORK,
        description="A folder of a bucket, s3://BUCKET/FOLDER, by which processes with a KINDRED_HOME each "
        "share what the decoder needs of an image, so that one computes it (docs/scaling.md).",
    )
    threads: int = Field(
        default_factory=_default_threads,
        ge=1,
        le=1024,
        json_schema_extra={**NETWORK, "default_in_words": "2, or 1 on a single core"},
        description="Requests that are computed side by side, and processor threads for them.",
    )
    index: Literal["annoy", "postgresql"] = Field(
        default="annoy",
        json_schema_extra=GALLERY,
        description="What finds the nearest images: Annoy, with an index in KINDRED_HOME (of fewer than "
        "10,000 images a scan is quicker, and is taken), or pgvector in the database of "
        "KINDRED_DATABASE_URL, which several processes share (docs/scaling.md).",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="Address of a PostgreSQL database, postgresql://USER:PASSWORD@HOST/NAME, that several "
        "processes of a bot share (docs/scaling.md); unset: one process, and SQLite files in KINDRED_HOME.",
    )
    database_url_file: UserPath | None = Field(
        default=None, description="A file that holds the address of the database instead."
    )
    # More than a bot sends at once: its 64 chats and 16 button presses.
    waiting: int = Field(default=96, ge=1, description="Requests that may wait before “busy” is answered.")
    engine: Literal["local", "ray"] = Field(
        default="local",
        json_schema_extra=CLUSTER,
        description="Where the engine runs: in threads of the process, or in replicas on Ray Serve "
        "(docs/scaling.md).",
    )
    ray_address: RayAddress | None = Field(
        default=None,
        json_schema_extra=CLUSTER,
        description="Address of a Ray cluster, HOST:PORT; a node of it has to run on this machine. Unset: "
        "Ray is started here, for this machine alone, and ends with the process.",
    )
    replicas: int = Field(
        default=2, ge=1, le=1024, json_schema_extra=CLUSTER, description="Replicas of the engine on Ray."
    )
    max_replicas: int | None = Field(
        default=None,
        ge=1,
        le=1024,
        json_schema_extra=CLUSTER,
        description="Replicas that there may be while many requests wait; unset: KINDRED_REPLICAS.",
    )

    @property
    def names_database(self) -> bool:
        """Whether several processes are to share a database; its address may still be wrong."""
        return bool(self.database_url or self.database_url_file)


def variable_name(name: str, settings: type[BaseSettings] = EngineSettings) -> str:
    """Return the name of the environment variable of a setting."""
    field = settings.model_fields.get(name.lower().removeprefix(PREFIX.lower()))
    if field is not None and isinstance(field.validation_alias, str):
        return field.validation_alias
    return name if name.isupper() else f"{PREFIX}{name.upper()}"


def validation_messages(error: ValidationError, settings: type[BaseSettings] = EngineSettings) -> list[str]:
    """Return one line for each environment variable that is wrong."""
    lines = []
    for details in error.errors():
        field = str(details["loc"][0]) if details["loc"] else "settings"
        lines.append(f"{variable_name(field, settings)}: {details['msg']}.")
    return lines
