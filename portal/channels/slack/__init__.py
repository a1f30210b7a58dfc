"""Slack: the Events API and interactivity over HTTP, answers by the Web API (docs.slack.dev)."""

from portal.channels.slack.channel import SlackChannel, SlackConfig, build

__all__ = ["SlackChannel", "SlackConfig", "build"]
