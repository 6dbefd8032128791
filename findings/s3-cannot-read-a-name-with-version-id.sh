#!/usr/bin/env bash
# fsspec, s3fs: a key may hold any characters, and s3fs lists one with "?versionId=" under its name. Every call that takes
# the name cuts it there, also where versions are not asked for (version_aware=False, the default): the object does not
# exist and cannot be read, and if there is one whose key is what is left of the name, that one is read instead.
# Seen with s3fs 2026.9.0 and the S3 server of moto 5.2.5.
set -euo pipefail

expected=$(cat <<'OUTPUT'
listed: ['bucket/cat.jpg?versionId=2.jpg']
exists: False - read: FileNotFoundError
listed: ['bucket/cat.jpg', 'bucket/cat.jpg?versionId=2.jpg']
exists: True - read: b'another cat'
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
import boto3
import fsspec
from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").disabled = True
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
address = "http://{}:{}".format(*server.get_host_and_port())
client = boto3.client("s3", endpoint_url=address)
client.create_bucket(Bucket="bucket")
files = fsspec.filesystem("s3", endpoint_url=address, use_listings_cache=False)


def look():
    listed = files.find("bucket")
    print("listed:", listed)
    try:
        content = files.cat_file(listed[-1])
    except OSError as error:
        content = type(error).__name__
    print("exists:", files.exists(listed[-1]), "- read:", content)


client.put_object(Bucket="bucket", Key="cat.jpg?versionId=2.jpg", Body=b"a cat")
look()
client.put_object(Bucket="bucket", Key="cat.jpg", Body=b"another cat")
look()
server.stop()
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
