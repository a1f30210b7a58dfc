"""WeCom (企业微信): encrypted callbacks of one app of one corporation, answers by its server API."""

from portal.channels.wecom.channel import WecomChannel, WecomConfig, build

__all__ = ["WecomChannel", "WecomConfig", "build"]
