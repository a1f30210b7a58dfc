"""What is sealed can be opened only unchanged and where it belongs."""

from __future__ import annotations

import pytest

from recovery_core.adapters.vault import AesGcmVault
from recovery_core.notices.ports import Vault

VAULT: Vault = AesGcmVault(b"k" * 32)


@pytest.mark.parametrize("plain", [b"", b"x", b"secret" * 1000])
def test_what_is_sealed_can_be_opened(plain: bytes) -> None:
    """Sealing and opening with the same context gives the plain bytes back."""
    assert VAULT.open(VAULT.seal(plain, "row-1"), "row-1") == plain


def test_the_same_plain_text_is_never_sealed_alike() -> None:
    """Two sealings of the same bytes differ, show none of them and are equally long."""
    first, second = VAULT.seal(b"secret", "row-1"), VAULT.seal(b"secret", "row-1")
    assert first != second
    assert b"secret" not in first
    assert len(first) == len(second) == 6 + 29


def test_the_context_belongs_to_it() -> None:
    """What was sealed for one row cannot be opened for another."""
    with pytest.raises(ValueError, match="sealed_changed"):
        VAULT.open(VAULT.seal(b"secret", "row-1"), "row-2")


def test_another_key_opens_nothing() -> None:
    """Another key opens nothing."""
    with pytest.raises(ValueError, match="sealed_changed"):
        AesGcmVault(b"j" * 32).open(VAULT.seal(b"secret", "row-1"), "row-1")


def test_every_changed_byte_is_noticed() -> None:
    """Whichever byte is changed, opening is refused."""
    sealed = VAULT.seal(b"secret", "row-1")
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(ValueError, match="sealed_"):
            VAULT.open(bytes(changed), "row-1")


@pytest.mark.parametrize("length", [0, 1, 28])
def test_what_is_too_short_is_refused(length: int) -> None:
    """Fewer bytes than format, nonce and tag need are refused."""
    with pytest.raises(ValueError, match="sealed_format"):
        VAULT.open(VAULT.seal(b"", "row-1")[:length], "row-1")


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_has_32_bytes(length: int) -> None:
    """Any other length of the key is refused."""
    with pytest.raises(ValueError, match="vault_key_length"):
        AesGcmVault(b"k" * length)
