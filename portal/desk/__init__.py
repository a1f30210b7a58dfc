"""The support desk: its queue, its tickets and the talk with a person, for agents, reviewers and auditors."""

from portal.desk.routing import routes

__all__ = ["routes"]
