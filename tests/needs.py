"""Skip on a laptop, fail in continuous integration: a missing service never hides a missing part."""

from __future__ import annotations

import os

import pytest


def need(condition: object, reason: str) -> None:
    """Go on when *condition* holds; else skip, or fail when ``CI=true``."""
    if condition:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"needed here: {reason}")
    pytest.skip(reason)
