"""Every platform that the contract tests run on: its name and how to start it.

``Trouble`` and ``Act`` are in ``shape.py``. Each entry is an async context manager that yields a Platform.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager

from tests.integration.channels.shape import Platform

Start = Callable[[], AbstractAsyncContextManager[Platform]]

PLATFORMS: Mapping[str, Start] = {}
