"""The chat: its API, its events, and the way to the assistant and back."""
