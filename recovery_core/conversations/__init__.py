"""What was said? Conversations, their lines, masking and codes in a line."""
