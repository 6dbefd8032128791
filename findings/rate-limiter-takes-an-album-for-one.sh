#!/usr/bin/env bash
# python-telegram-bot 22.8: AIORateLimiter counts calls, and Telegram's limits are for messages, of which an album of
# ten is ten. With the default of 20 a minute for a group, the limiter lets 200 pass at once.
# Seen with python-telegram-bot 22.8 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
single messages: 20 messages to one group in the first two seconds
albums of ten: 200 messages to one group in the first two seconds
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    'python-telegram-bot[rate-limiter]==22.8'
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import asyncio
from telegram.ext import AIORateLimiter

SENT = []


async def send(endpoint, data, **_):
    SENT.extend(data.get("media", [data]))
    return True


async def main():
    for name, endpoint, data in (
        ("single messages", "sendMessage", {"chat_id": -100, "text": "hello"}),
        ("albums of ten", "sendMediaGroup", {"chat_id": -100, "media": [{"type": "photo"}] * 10}),
    ):
        SENT.clear()
        limiter = AIORateLimiter()
        await limiter.initialize()

        async def send_forever():
            while True:
                await limiter.process_request(send, (endpoint, data), {}, endpoint, data, None)

        try:
            async with asyncio.timeout(2):  # the overall limit is 30 calls a second
                await send_forever()
        except TimeoutError:
            print(f"{name}: {len(SENT)} messages to one group in the first two seconds")


asyncio.run(main())
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
