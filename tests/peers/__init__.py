"""The other side of the messengers: a real homeserver, and protocol servers of our own for the rest."""
