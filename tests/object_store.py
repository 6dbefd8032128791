"""An S3 for tests: the server of moto, a package of PyPI, in a thread of the process."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from data import bucket_folder

NO_STORE = "no S3 server"  # how the reason of a skip begins


class ObjectStore:
    """A store with one bucket, to which another process writes.

    Attributes:
        address: of the store, http://HOST:PORT.
        bucket: the name of its bucket.
    """

    bucket = "photos-of-a-host"

    def __init__(self) -> None:
        import boto3
        from moto.server import ThreadedMotoServer

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._make_server = ThreadedMotoServer
        self._port = 0
        self.start()
        self._client = boto3.client(
            "s3", endpoint_url=self.address, region_name="us-east-1", **self.credentials
        )
        self._client.create_bucket(Bucket=self.bucket)

    @property
    def credentials(self) -> dict[str, str]:
        """Any will do."""
        return {"aws_access_key_id": "any", "aws_secret_access_key": "any"}

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which the store is found."""
        return {
            "AWS_ENDPOINT_URL": self.address, "AWS_DEFAULT_REGION": "us-east-1",
            **{name.upper(): value for name, value in self.credentials.items()},
        }  # fmt: skip

    def put(self, name: str, content: bytes) -> None:
        """Write an object."""
        self._client.put_object(Bucket=self.bucket, Key=name, Body=content)

    def contents(self, folder: str) -> dict[str, bytes]:
        """Return all objects below a folder."""
        listed = self._client.list_objects_v2(Bucket=self.bucket, Prefix=f"{folder}/").get("Contents", [])
        names = [one["Key"] for one in listed]
        return {name: self._client.get_object(Bucket=self.bucket, Key=name)["Body"].read() for name in names}

    def delete(self, name: str) -> None:
        """Delete an object."""
        self._client.delete_object(Bucket=self.bucket, Key=name)

    def start(self) -> None:
        """Answer, at the same address as before, with the same objects."""
        self._server: Any = self._make_server(ip_address="127.0.0.1", port=self._port, verbose=False)
        self._server.start()
        host, self._port = self._server.get_host_and_port()
        self.address = f"http://{host}:{self._port}"

    def stop(self) -> None:
        """Answer no longer: connections are refused."""
        self._server.stop()
        self._server._server.server_close()


@contextmanager
def running_store() -> Iterator[ObjectStore]:
    """Run a store while the block runs."""
    for package in ("s3fs", "moto", "flask", "flask_cors"):
        pytest.importorskip(package, reason=f"{NO_STORE}: {package} is not installed")
    store = ObjectStore()
    yield store
    store.stop()


@contextmanager
def named_store() -> Iterator[ObjectStore]:
    """Run a store that the environment names while the block runs."""
    with running_store() as store, pytest.MonkeyPatch.context() as changed:
        for name, value in store.environment.items():
            changed.setenv(name, value)
        bucket_folder._files.cache_clear()
        yield store
        bucket_folder._files.cache_clear()
