"""Which platforms there are, and how one is built from its settings."""

from __future__ import annotations

import importlib

from portal.channels.config import Build, Config, Tools
from portal.channels.port import Channel

NAMES = ("dingtalk", "feishu", "wecom", "matrix", "slack", "teams", "mattermost")
"""Every platform; ``portal/channels/<name>.py`` holds it and has a function ``build``."""


def build(config: Config, tools: Tools) -> Channel:
    """Return the channel of *config*; raises ConfigError, or KeyError for a platform that is not known."""
    if config.name not in NAMES:
        raise KeyError(config.name)
    make: Build = importlib.import_module(f"portal.channels.{config.name}").build
    return make(config, tools)
