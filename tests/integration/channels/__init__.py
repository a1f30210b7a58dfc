"""Messengers: the contract of the port, the inbox, the outgoing side and whole recoveries."""
