"""The demo's outbox, served in demo mode only."""
