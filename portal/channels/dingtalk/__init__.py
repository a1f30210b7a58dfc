"""DingTalk: an internal app's robot in Stream mode, which needs no address that is open to the internet.

The wire protocol is that of DingTalk's own client (dingtalk-stream 0.24.3). What that client gets wrong is
not repeated: it acknowledges only after its work is done, blocks its loop while it signs in, cannot be
stopped, does not notice a dead connection and writes the connection's ticket to the log.
"""

from portal.channels.dingtalk.channel import DingTalkChannel, DingTalkConfig, build

__all__ = ["DingTalkChannel", "DingTalkConfig", "build"]
