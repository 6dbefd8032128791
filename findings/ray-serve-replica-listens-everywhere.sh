#!/usr/bin/env bash
# Ray 2.60.0, Serve: a Ray that is bound to the loopback address, with Serve's proxy switched off, still has one port open
# at all addresses for each replica: the gRPC server for calls between deployments, whose address is fixed ("[::]:0", also
# where gRPC is not used for such calls, as by default). It takes pickles. Only the token of RAY_AUTH_MODE=token, which
# ray.init() turns on for new local clusters, or a firewall keeps strangers out. Linux only: it reads /proc.
set -euo pipefail

expected=$(cat <<'OUTPUT'
the driver listens at: 127.0.0.1
an actor listens at: 127.0.0.1
a replica of Serve listens at: 127.0.0.1 all addresses
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder" RAY_USAGE_STATS_ENABLED=0
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check 'ray[serve]==2.60.0'
export HOME="$folder"  # where Ray writes its token
cat > "$folder/script.py" <<'PYTHON_CODE'
import logging
import os
from pathlib import Path

os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
import ray
from ray import serve

logging.disable(logging.CRITICAL)


class Answers:
    async def __call__(self):
        return os.getpid()


def listening(process):
    """Return the kinds of addresses at which a process listens."""
    sockets = {os.readlink(file) for file in Path(f"/proc/{process}/fd").iterdir() if file.is_symlink()}
    kinds = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                address = fields[1].partition(":")[0]
                kinds.add("all addresses" if not address.strip("0") else "127.0.0.1")
    return sorted(kinds)


@ray.remote
class Actor:
    def process(self):
        return os.getpid()


ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, _node_ip_address="127.0.0.1")
serve.start(proxy_location="Disabled", logging_config={"log_level": "ERROR"})
handle = serve.run(serve.deployment(Answers).bind(), route_prefix=None)
actor = Actor.remote()
print("the driver listens at:", *listening(os.getpid()))
print("an actor listens at:", *listening(ray.get(actor.process.remote())))
print("a replica of Serve listens at:", *listening(handle.remote().result()))
ray.shutdown()
PYTHON_CODE
found=$("$folder/venv/bin/python" "$folder/script.py" 2>"$folder/errors" || cat "$folder/errors")
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
