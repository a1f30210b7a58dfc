"""Stand in for ``tensorflow_addons`` where TensorFlow is left out; see the package ``tensorflow``."""

# ruff: noqa: ANN401, ICN001  a placeholder has every type
from __future__ import annotations

from typing import Any

import tensorflow


def __getattr__(name: str) -> Any:
    return getattr(tensorflow, name)
