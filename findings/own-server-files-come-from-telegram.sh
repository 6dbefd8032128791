#!/usr/bin/env bash
# python-telegram-bot 22.8 with a Bot API server of one's own: base_url alone redirects the methods, and every file is
# still fetched from api.telegram.org, which knows neither the file nor, perhaps, the bot. Messages work, so that only
# photos fail. The other setting, base_file_url, has a default of its own and does not follow base_url.
# Seen with python-telegram-bot 22.8 and aiohttp 3.14.5 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
base_url alone: https://api.telegram.org/file/bot123:TOKEN/photos/file_1.jpg
and base_file_url: http://own-server/file/bot123:TOKEN/photos/file_1.jpg
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
from aiohttp import web
from telegram import Bot

REPLIES = {
    "getMe": {"id": 1, "is_bot": True, "first_name": "Bot", "username": "a_bot"},
    "getFile": {"file_id": "1", "file_unique_id": "1", "file_path": "photos/file_1.jpg"},
}


async def answer(request):
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
    for name, settings in (("base_url alone", {}), ("and base_file_url", {"base_file_url": f"{url}/file/bot"})):
        async with Bot("123:TOKEN", base_url=f"{url}/bot", **settings) as bot:
            path = (await bot.get_file("1")).file_path
            print(f"{name}: {path.replace(url, 'http://own-server')}")


asyncio.run(main())
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
