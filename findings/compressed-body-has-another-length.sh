#!/usr/bin/env bash
# aiohttp 3.14.5's server unpacks a request in gzip without being asked, and leaves the headers as they were: a handler
# sees "Content-Encoding: gzip" and the length of the compressed body beside a body that is neither. "x-gzip", to be
# taken for gzip by RFC 9110 (8.4.1.3), and any encoding that it does not know reach the handler as they are, without a
# sign; the answer for these is 415 (15.5.16).
# Seen with aiohttp 3.14.5 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
gzip: 200, unpacked, 1000 bytes; headers: gzip, 29 bytes
x-gzip: 200, still packed, 29 bytes; headers: x-gzip, 29 bytes
unheard-of: 200, still packed, 29 bytes; headers: unheard-of, 29 bytes
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check aiohttp==3.14.5
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import asyncio
import gzip
import aiohttp
from aiohttp import web

TEXT = b"a" * 1000


async def show(request):
    body = await request.read()
    packed = "unpacked" if body == TEXT else "still packed"
    encoding, length = request.headers["Content-Encoding"], request.content_length
    return web.Response(text=f"{packed}, {len(body)} bytes; headers: {encoding}, {length} bytes")


async def main():
    app = web.Application()
    app.router.add_post("/", show)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    body = gzip.compress(TEXT, mtime=0)
    async with aiohttp.ClientSession() as client:
        for encoding in ("gzip", "x-gzip", "unheard-of"):
            url, headers = f"http://127.0.0.1:{runner.addresses[0][1]}", {"Content-Encoding": encoding}
            async with client.post(url, data=body, headers=headers) as response:
                print(f"{encoding}: {response.status}, {await response.text()}")
    await runner.cleanup()


asyncio.run(main())
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
