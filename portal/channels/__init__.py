"""Messengers: each platform is one file that checks, reads and sends; the rest of rekey knows none."""
