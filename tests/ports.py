"""Ports of the local host for servers that a test starts itself."""

from __future__ import annotations

import random
import socket

# Systems take the ports of outgoing connections from 32768 up (Linux) or 49152 up. A port that bind(0) hands
# out is one of those: between its release and the server's start, another test's connection can take it.
_PORTS = range(15_000, 32_768)


def free_port() -> int:
    """Return a port that nobody uses, outside the range of outgoing connections."""
    while True:
        port = random.SystemRandom().choice(_PORTS)
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
