"""Mattermost: a bot account that listens on the WebSocket and answers by REST (API v4).

Buttons are called back by the server over HTTP and carry no signature of their own, so each brings a value
that only rekey can have made.
"""

from portal.channels.mattermost.channel import MattermostChannel, MattermostConfig, build

__all__ = ["MattermostChannel", "MattermostConfig", "build"]
