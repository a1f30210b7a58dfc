"""Where the pages of the desk listen for changes of the queue, beside the conversations' own news."""

QUEUE = "desk:queue"
"""A name that no conversation has."""
