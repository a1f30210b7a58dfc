"""Who is told what? Notices, "this was not me", the outbox."""
