"""Who else must act? Tickets, approvals, votes, rights, the desk and a live human."""
