"""Microsoft Teams: the Bot Framework's tokens and activities, answers by its connector, Graph's directory."""

from portal.channels.teams.channel import TeamsChannel, TeamsConfig, build

__all__ = ["TeamsChannel", "TeamsConfig", "build"]
