"""Feishu and Lark: encrypted and signed events over HTTP (schema 2.0), answers by the open API."""

from portal.channels.feishu.channel import FeishuChannel, FeishuConfig, build

__all__ = ["FeishuChannel", "FeishuConfig", "build"]
