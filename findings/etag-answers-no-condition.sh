#!/usr/bin/env bash
# aiohttp 3.14.5: a response with an etag answers "If-None-Match" with that very tag by 200 and the whole body. Only
# FileResponse compares; for any other response the property sets a header, and request.if_none_match is there for the
# handler to compare. "*" is a tag of that name in it, and a weak tag is equal to a strong one only by its value.
# Seen with aiohttp 3.14.5 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
response: 200, 1000 bytes
file_response: 304, 0 bytes
*: ETag(value='*', is_weak=False)
W/"one": ETag(value='one', is_weak=True)
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check aiohttp==3.14.5
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import asyncio
import pathlib
import tempfile
import aiohttp
from aiohttp import web

file = pathlib.Path(tempfile.mkdtemp()) / "picture.jpg"
file.write_bytes(bytes(1000))


async def response(_):
    answer = web.Response(body=bytes(1000))
    answer.etag = "one"
    return answer


async def file_response(_):
    return web.FileResponse(file)


async def parsed(request):
    return web.Response(text=" ".join(map(str, request.if_none_match)))


async def main():
    app = web.Application()
    for handler in (response, file_response, parsed):
        app.router.add_get(f"/{handler.__name__}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession() as client:
        for path in ("response", "file_response"):
            async with client.get(f"{url}/{path}") as first:
                tag = first.headers["ETag"]
            async with client.get(f"{url}/{path}", headers={"If-None-Match": tag}) as second:
                print(f"{path}: {second.status}, {len(await second.read())} bytes")
        for tags in ('*', 'W/"one"'):
            async with client.get(f"{url}/parsed", headers={"If-None-Match": tags}) as answer:
                print(f"{tags}: {await answer.text()}")
    await runner.cleanup()


asyncio.run(main())
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
