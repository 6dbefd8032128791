#!/usr/bin/env bash
# aiohttp 3.14.5: a server's shutdown_timeout passes twice, first until requests are handled, then until connections
# are closed. A handler that needs less than twice that time at the end still answers, and one that never ends holds
# the process up so long: a deadline of 10 seconds in front of a container's 10 is one of 20.
# Seen with aiohttp 3.14.5 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
shutdown_timeout 0.5, handler 0.8: answered 200, after 0.8
shutdown_timeout 0.5, handler 9.0: answered nothing, after 1.0
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check aiohttp==3.14.5
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import asyncio
import time
from aiohttp import web

TIMEOUT = 0.5  # seconds


async def end_after(seconds):
    begun = asyncio.Event()

    async def handle(_):
        begun.set()
        await asyncio.sleep(seconds)
        return web.Response()

    app = web.Application()
    app.router.add_get("/", handle)
    runner = web.AppRunner(app, shutdown_timeout=TIMEOUT)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    reader, writer = await asyncio.open_connection(*runner.addresses[0])
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    await begun.wait()
    started_at = time.monotonic()
    await runner.cleanup()
    elapsed = time.monotonic() - started_at
    status = (await reader.read()).decode().partition("\r\n")[0].split()[1:2]
    writer.close()
    answered = status[0] if status else "nothing"
    print(f"shutdown_timeout {TIMEOUT}, handler {seconds}: answered {answered}, after {elapsed:.1f}")


async def main():
    for seconds in (0.8, 9.0):
        await end_after(seconds)


asyncio.run(main())
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
