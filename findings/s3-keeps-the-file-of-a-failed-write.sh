#!/usr/bin/env bash
# fsspec, s3fs: a file that is opened for writing is uploaded when it is closed, and "with" closes it also when the block
# raises: the object is then in the bucket with what was written so far, under its final name, whole for all who read it.
# Nothing on the way says so; S3 itself shows an object whole or not at all. Inside fs.transaction nothing is uploaded.
# Seen with s3fs 2026.9.0 and the S3 server of moto 5.2.5.
set -euo pipefail

expected=$(cat <<'OUTPUT'
a photo cannot be read
in the bucket: b'the first half'
a photo cannot be read
in the bucket after a transaction: False
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


files = connect()
files.mkdir("bucket")


def write(name):
    with files.open(f"bucket/{name}", "wb") as file:
        file.write(b"the first half")
        raise RuntimeError("a photo cannot be read")


try:
    write("one")
except RuntimeError as error:
    print(error)
print("in the bucket:", connect().cat("bucket/one"))
try:
    with files.transaction:
        write("two")
except RuntimeError as error:
    print(error)
print("in the bucket after a transaction:", connect().exists("bucket/two"))
server.stop()
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
