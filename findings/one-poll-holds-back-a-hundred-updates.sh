#!/usr/bin/env bash
# python-telegram-bot 22.8 requires what Bot API 9.6 added to the options of a poll. A server of one's own that is older
# sends polls without it, and then get_updates raises a TypeError for the whole batch: the messages before and behind
# the poll stay unread, too, at each attempt. It raises where an unknown field is ignored.
# Seen with python-telegram-bot 22.8 and aiohttp 3.14.5 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
three messages, one a poll: TypeError: `persistent_id` is a required argument since Bot API 9.6
two messages, one with a field that PTB does not know: hello, bye
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
import logging
from aiohttp import web
from telegram import Bot

logging.disable()
CHAT = {"id": 5, "type": "private", "first_name": "Ada"}
POLL = {  # as documented for Bot API 9.5
    "id": "1", "question": "Tea?", "options": [{"text": "yes", "voter_count": 0}], "total_voter_count": 0,
    "is_closed": False, "is_anonymous": True, "type": "regular", "allows_multiple_answers": False,
}
CONTENTS = [{"text": "hello"}, {"poll": POLL}, {"text": "bye", "field_of_the_future": 1}]
UPDATES = [
    {"update_id": number, "message": {"message_id": number, "date": 1, "chat": CHAT} | content}
    for number, content in enumerate(CONTENTS, 1)
]
ME = {"id": 1, "is_bot": True, "first_name": "Bot", "username": "a_bot"}


async def answer(request):
    result = ME if request.path.endswith("getMe") else UPDATES
    return web.json_response({"ok": True, "result": result})


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
        for name in ("three messages, one a poll", "two messages, one with a field that PTB does not know"):
            try:
                updates = await bot.get_updates()
            except TypeError as error:
                print(f"{name}: {type(error).__name__}: {error}")
            else:
                print(f"{name}: {', '.join(update.message.text for update in updates)}")
            del UPDATES[1]


asyncio.run(main())
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
