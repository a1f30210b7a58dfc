"""What a person starts: the command line, the supervisor, the doctor and the composition root."""
