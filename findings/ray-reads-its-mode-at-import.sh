#!/usr/bin/env bash
# Ray 2.60.0 reads RAY_AUTH_MODE when it is imported. Set between import and ray.init(), it is passed to the processes that
# ray.init() starts, which then demand the token, and not to the process itself, which sends none: after twenty attempts
# ray.init() fails to start Ray.
# Seen with Ray 2.60.0 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
RAY_AUTH_MODE=token before the import: Ray starts
RAY_AUTH_MODE=token after the import: InvalidAuthToken: RAY_AUTH_MODE is currently 'disabled' (not 'token')
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder" RAY_USAGE_STATS_ENABLED=0
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check 'ray[serve]==2.60.0'
export HOME="$folder"  # where Ray writes its token
cat > "$folder/script.py" <<'PYTHON_CODE'
import os
import sys

before = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0" * 64}
if sys.argv[1] == "before":
    os.environ.update(before)
import ray
os.environ.update(before)
try:
    ray.init(address="local", num_cpus=1, include_dashboard=False, log_to_driver=False, configure_logging=False)
    print(f"RAY_AUTH_MODE=token {sys.argv[1]} the import: Ray starts")
except RuntimeError as error:
    line = next(line for line in str(error).splitlines() if "InvalidAuthToken" in line)
    print(f"RAY_AUTH_MODE=token {sys.argv[1]} the import: {line.split(': ')[2]}: {line.split('Note: ')[1].split('.')[0]}")
PYTHON_CODE
found=$(for moment in before after; do
    "$folder/venv/bin/python" "$folder/script.py" "$moment" 2>"$folder/errors" || cat "$folder/errors"
done)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
