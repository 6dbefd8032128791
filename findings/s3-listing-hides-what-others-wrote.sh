#!/usr/bin/env bash
# fsspec, s3fs: once a folder was listed, its files are looked up in that listing, for ever. A file that another process
# wrote since does not exist and cannot be read (FileNotFoundError), although its bytes are in the bucket; one that was
# replaced is said to be gone (FileExpired). Listings do not expire by default; invalidate_cache() makes them anew, and
# use_listings_cache=False keeps none. Seen with s3fs 2026.9.0 and the S3 server of moto 5.2.5.
set -euo pipefail

expected=$(cat <<'OUTPUT'
listed: ['bucket/old']
replaced: FileExpired
new: exists False - FileNotFoundError
listed anew: b'12345' b'12345'
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "s3fs==2026.9.0" "fsspec==2026.9.0" "moto[server]==5.2.5"
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import logging
import os

os.environ.update(AWS_ACCESS_KEY_ID="any", AWS_SECRET_ACCESS_KEY="any", AWS_DEFAULT_REGION="us-east-1")
import fsspec
from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").disabled = True
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
address = "http://{}:{}".format(*server.get_host_and_port())


def connect():
    return fsspec.filesystem("s3", endpoint_url=address, skip_instance_cache=True)


files, other = connect(), connect()
other.mkdir("bucket")
other.pipe("bucket/old", b"1")


def read(name):
    try:
        with files.open(f"bucket/{name}") as file:
            return file.read()
    except OSError as error:
        return type(error).__name__


print("listed:", files.ls("bucket", detail=False))
other.pipe("bucket/old", b"12345")
other.pipe("bucket/new", b"12345")
print("replaced:", read("old"))
print("new: exists", files.exists("bucket/new"), "-", read("new"))
files.invalidate_cache()
print("listed anew:", read("old"), read("new"))
server.stop()
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
