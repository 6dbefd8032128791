#!/usr/bin/env bash
# python-telegram-bot 22.8 asks the disk whether a file is local, not its setting local_mode: where the path that
# getFile returns happens to exist below the working folder ("photos/file_1.jpg", the usual form of Telegram's paths),
# a download reads that file instead and asks no server. The bot's local_mode is off here, its default.
# Seen with python-telegram-bot 22.8 and aiohttp 3.14.5 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
local_mode: False
in an empty folder: the photo of the server
beside photos/file_1.jpg: a file of this folder
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    python-telegram-bot==22.8 aiohttp==3.14.5
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import asyncio
import os
import pathlib
import tempfile
from aiohttp import web
from telegram import Bot

REPLIES = {
    "getMe": {"id": 1, "is_bot": True, "first_name": "Bot", "username": "a_bot"},
    "getFile": {"file_id": "1", "file_unique_id": "1", "file_path": "photos/file_1.jpg"},
}


async def answer(request):
    if request.path.startswith("/file/"):
        return web.Response(body=b"the photo of the server")
    return web.json_response({"ok": True, "result": REPLIES[request.path.rpartition("/")[2]]})


async def serve(handler):
    """Serve a Bot API on a free port; return its address."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


async def main():
    url = await serve(answer)
    os.chdir(tempfile.mkdtemp())
    async with Bot("123:TOKEN", base_url=f"{url}/bot", base_file_url=f"{url}/file/bot") as bot:
        print(f"local_mode: {bot.local_mode}")
        file = await bot.get_file("1")
        print(f"in an empty folder: {(await file.download_as_bytearray()).decode()}")
        pathlib.Path("photos").mkdir()
        pathlib.Path("photos/file_1.jpg").write_text("a file of this folder")
        file = await bot.get_file("1")
        print(f"beside photos/file_1.jpg: {(await file.download_as_bytearray()).decode()}")


asyncio.run(main())
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
