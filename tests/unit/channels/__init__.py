"""Messengers: readers, proofs and cards, without any network."""
