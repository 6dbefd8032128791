#!/usr/bin/env bash
# python-telegram-bot 22.8 cannot tell a revoked token (401) from a method that the server lacks (404), and which of the
# two it names depends on the call: a bot's own method says InvalidToken for both, do_api_request says EndPointNotFound
# for both. A program that ends at InvalidToken ends at the first method that an older server does not have.
# Seen with python-telegram-bot 22.8 and aiohttp 3.14.5 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
missing method, bot.set_chat_title: InvalidToken
missing method, bot.do_api_request: EndPointNotFound
revoked token, bot.log_out: InvalidToken
revoked token, bot.do_api_request: EndPointNotFound
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
import warnings
from aiohttp import web
from telegram import Bot
from telegram.error import TelegramError

warnings.simplefilter("ignore")
ME = {"id": 1, "is_bot": True, "first_name": "Bot", "username": "a_bot"}
ERRORS = {"setChatTitle": (404, "Not Found"), "logOut": (401, "Unauthorized")}  # Telegram's words


async def answer(request):
    method = request.path.rpartition("/")[2]
    if method == "getMe":
        return web.json_response({"ok": True, "result": ME})
    code, description = ERRORS[method]
    return web.json_response({"ok": False, "error_code": code, "description": description}, status=code)


async def serve(handler):
    """Serve a Bot API on a free port; return its address."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


async def main():
    async with Bot("123:TOKEN", base_url=f"{await serve(answer)}/bot") as bot:
        calls = {
            "missing method, bot.set_chat_title": lambda: bot.set_chat_title(1, "title"),
            "missing method, bot.do_api_request": lambda: bot.do_api_request("setChatTitle"),
            "revoked token, bot.log_out": bot.log_out,
            "revoked token, bot.do_api_request": lambda: bot.do_api_request("logOut"),
        }
        for name, call in calls.items():
            try:
                await call()
            except TelegramError as error:
                print(f"{name}: {type(error).__name__}")


asyncio.run(main())
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
