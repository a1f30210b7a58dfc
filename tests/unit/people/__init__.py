"""Who else must act: requests, decisions, votes, talks."""
