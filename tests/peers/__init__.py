"""The other side of the messengers: a real homeserver, and protocol servers of our own where there is none."""
