#!/usr/bin/env bash
# aiohttp 3.14.5: request.post() decides by a part's headers of what type it is. A photo with a file name is a FileField;
# without one, as `curl -F 'photo=<photo.jpg'` sends it, it is a bytearray if it has a media type and text if it has
# none, and the handler ends with a UnicodeDecodeError. A part in base64 is decoded by post() and not by
# multipart() and read(), so that a handler that changes from one to the other, to read large uploads in pieces, gets
# other bytes for the same request.
# Seen with aiohttp 3.14.5 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
name and type, post(): FileField, the photo
name and type, multipart(): the photo
type only, post(): bytearray, the photo
type only, multipart(): the photo
neither, post(): UnicodeDecodeError
neither, multipart(): the photo
base64, post(): FileField, the photo
base64, multipart(): b'/9j/4CBwaG90bw=='
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check aiohttp==3.14.5
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import asyncio
import base64
import aiohttp
from aiohttp import web

PHOTO = b"\xff\xd8\xff\xe0 photo"
NAMED, TYPED = '; filename="photo.jpg"', "Content-Type: image/jpeg\r\n"
PARTS = {
    "name and type": (NAMED, TYPED, PHOTO),
    "type only": ("", TYPED, PHOTO),
    "neither": ("", "", PHOTO),
    "base64": (NAMED, TYPED + "Content-Transfer-Encoding: base64\r\n", base64.b64encode(PHOTO)),
}


async def post(request):
    try:
        value = (await request.post())["photo"]
    except UnicodeDecodeError as error:
        return web.Response(text=type(error).__name__)
    content = value.file.read() if isinstance(value, web.FileField) else bytes(value)
    return web.Response(text=f"{type(value).__name__}, {'the photo' if content == PHOTO else content}")


async def multipart(request):
    part = await (await request.multipart()).next()
    content = bytes(await part.read())
    return web.Response(text="the photo" if content == PHOTO else str(content))


async def main():
    app = web.Application()
    app.router.add_post("/post", post)
    app.router.add_post("/multipart", multipart)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    headers = {"Content-Type": "multipart/form-data; boundary=B"}
    async with aiohttp.ClientSession(headers=headers) as client:
        for name, (disposition, more, content) in PARTS.items():
            head = f'--B\r\nContent-Disposition: form-data; name="photo"{disposition}\r\n{more}\r\n'
            for path in ("post", "multipart"):
                async with client.post(f"{url}/{path}", data=head.encode() + content + b"\r\n--B--\r\n") as response:
                    print(f"{name}, {path}(): {await response.text()}")
    await runner.cleanup()


asyncio.run(main())
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
