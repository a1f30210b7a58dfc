"""Ports for the servers that tests start."""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import socket

_FIRST, _EACH, _SHARES = 20_000, 1_000, 10
"""Below what systems give to outgoing connections: none of those takes a port before its server does."""
_NUMBERS = itertools.count(secrets.randbelow(_EACH))


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on, each time another.

    Every process of a divided run has its own share of the ports.
    """
    share = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _SHARES
    for number in itertools.islice(_NUMBERS, _EACH):
        port = _FIRST + share * _EACH + number % _EACH
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")
