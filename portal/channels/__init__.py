"""Messengers: each platform is one file that checks, reads, sends and buttons; the rest of rekey knows none of them."""
