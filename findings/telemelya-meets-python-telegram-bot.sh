#!/usr/bin/env bash
# telemelya 0.2.2, a Bot API server for tests, has no setMyCommands and refuses with status 200. python-telegram-bot
# 22.8 goes by the status alone: the missing method is a wrong token, and the refusal, {"ok": false} with status 200, an
# AttributeError from within the library instead of a TelegramError that could be caught. HTML comes back as text.
# Seen with telemelya 0.2.2 and python-telegram-bot 22.8 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
send_message, HTML: <b>hello</b>
set_my_commands: InvalidToken
edit_message_text, no such message: AttributeError
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    telemelya==0.2.2 fastapi==0.165.0 uvicorn==0.54.0 redis==8.1.0 aiobotocore==3.10.0 \
    fakeredis==2.40.0 flask==3.1.3 flask-cors==6.0.5 'moto[s3]==5.2.5' python-telegram-bot==22.8
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import asyncio
import logging
import os
import socket
import threading
import uvicorn
from fakeredis import TcpFakeServer
from moto.server import ThreadedMotoServer
from telegram import Bot

HOST = "127.0.0.1"
redis, store = TcpFakeServer((HOST, 0), server_type="redis"), ThreadedMotoServer(HOST, port=0, verbose=False)
threading.Thread(target=redis.serve_forever, daemon=True).start()
store.start()
os.environ["REDIS_URL"] = f"redis://{HOST}:{redis.server_address[1]}/0"
os.environ["MINIO_ENDPOINT"] = ":".join(map(str, store.get_host_and_port()))
os.environ["STRICT_EDIT"] = "true"

from telemelya.server.app import app  # reads its settings as it is imported

logging.disable()


async def main():
    listening = socket.create_server((HOST, 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
    serving = asyncio.create_task(server.serve([listening]))
    while not server.started:
        await asyncio.sleep(0.05)
    base_url = f"http://{HOST}:{listening.getsockname()[1]}/bot"
    async with Bot("123456789:AAtelemelya_does_not_look_at_tokens_00", base_url=base_url) as bot:
        print("send_message, HTML:", (await bot.send_message(5, "<b>hello</b>", parse_mode="HTML")).text)
        calls = {
            "set_my_commands": lambda: bot.set_my_commands([("start", "Start")]),
            "edit_message_text, no such message": lambda: bot.edit_message_text("hello", 5, 999),
        }
        for name, call in calls.items():
            try:
                await call()
            except Exception as error:
                print(f"{name}: {type(error).__name__}")
    server.should_exit = True
    await serving


asyncio.run(main())
os._exit(0)  # the servers in threads have no end
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
