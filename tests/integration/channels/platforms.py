"""Every platform that the contract tests run on: its name and how to start it.

``Trouble`` and ``Act`` are in ``shape.py``. Each entry is an async context manager that yields a Platform.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager

from tests.integration.channels.dingtalk_platform import dingtalk
from tests.integration.channels.feishu_platform import feishu
from tests.integration.channels.matrix_platform import matrix
from tests.integration.channels.mattermost_platform import mattermost
from tests.integration.channels.shape import Platform
from tests.integration.channels.slack_platform import slack
from tests.integration.channels.teams_platform import teams
from tests.integration.channels.web_platform import web
from tests.integration.channels.wecom_platform import wecom

Start = Callable[[], AbstractAsyncContextManager[Platform]]

PLATFORMS: Mapping[str, Start] = {
    "dingtalk": dingtalk,
    "matrix": matrix,
    "mattermost": mattermost,
    "feishu": feishu,
    "slack": slack,
    "teams": teams,
    "web": web,
    "wecom": wecom,
}
