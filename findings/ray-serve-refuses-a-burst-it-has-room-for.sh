#!/usr/bin/env bash
# Ray 2.60.0, Serve: max_queued_requests is to limit the requests that wait because replicas are full. It also counts each
# request from its arrival until it is handed to a replica: of 20 that come at once, with room for 100 on an idle replica
# and 4 in the queue, 15 or 16 fail with BackPressureError. The limit has to be as large as the largest burst.
# Seen with Ray 2.60.0 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
max_ongoing_requests 100, max_queued_requests 4: of 20 calls at once, more than ten are refused
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder" RAY_USAGE_STATS_ENABLED=0
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check 'ray[serve]==2.60.0'
export HOME="$folder"  # where Ray writes its token
cat > "$folder/script.py" <<'PYTHON_CODE'
import asyncio
import logging

import ray
from ray import serve
from ray.serve.exceptions import BackPressureError

logging.disable(logging.CRITICAL)


class Answers:
    async def __call__(self):
        await asyncio.sleep(0.5)
        return True


async def burst(handle, count):
    calls = [handle.remote() for _ in range(count)]
    return await asyncio.gather(*calls, return_exceptions=True)


ray.init(address="local", num_cpus=1, include_dashboard=False, log_to_driver=False)
serve.start(proxy_location="Disabled", logging_config={"log_level": "ERROR"})
deployment = serve.deployment(Answers).options(max_ongoing_requests=100, max_queued_requests=4)
handle = serve.run(deployment.bind(), route_prefix=None)
asyncio.run(burst(handle, 1))
answers = asyncio.run(burst(handle, 20))
refused = sum(isinstance(answer, BackPressureError) for answer in answers)
how_many = "more" if refused > 10 else "no more"
print(f"max_ongoing_requests 100, max_queued_requests 4: of 20 calls at once, {how_many} than ten are refused")
ray.shutdown()
PYTHON_CODE
found=$("$folder/venv/bin/python" "$folder/script.py" 2>"$folder/errors" || cat "$folder/errors")
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
