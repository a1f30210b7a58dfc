"""Whose address a request has (R22)."""

from __future__ import annotations

import pytest

from portal.networks import TrustedProxies


def client(proxies: tuple[str, ...], remote: str, forwarded: str | None = None) -> str:
    """Return the client that a request from *remote* is counted as."""
    return TrustedProxies.of(proxies).client_of(remote, forwarded or "")


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "expected"),
    [
        ((), "203.0.113.9", None, "203.0.113.9"),
        ((), "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        (("10.0.0.0/8",), "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        (("10.0.0.0/8",), "10.1.2.3", "198.51.100.1", "198.51.100.1"),
        (("10.0.0.0/8",), "10.1.2.3", "192.0.2.1, 198.51.100.1", "198.51.100.1"),
        (("10.0.0.0/8",), "10.1.2.3", "192.0.2.1, 198.51.100.1, 10.9.9.9", "198.51.100.1"),
        (("10.0.0.0/8",), "10.1.2.3", "10.9.9.9", "10.9.9.9"),
        (("10.0.0.0/8",), "10.1.2.3", None, "10.1.2.3"),
        (("10.0.0.0/8",), "10.1.2.3", "nonsense", "unknown"),
        (("10.0.0.0/8",), "10.1.2.3", "198.51.100.1, nonsense", "unknown"),
        ((), "2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::/64"),
        ((), "2001:db8:1:2:ffff::1", None, "2001:db8:1:2::/64"),
        ((), "::ffff:203.0.113.9", None, "203.0.113.9"),
        (("::1",), "::1", "fe80::1%eth0", "fe80::/64"),
    ],
)
def test_the_client_of_a_request(
    proxies: tuple[str, ...], remote: str, forwarded: str | None, expected: str
) -> None:
    """R22: the last hop that is not ours counts; an IPv6 network counts as one client."""
    assert client(proxies, remote, forwarded) == expected


@pytest.mark.parametrize(
    ("address", "expected"), [("192.0.2.7", True), ("192.0.3.7", False), ("unknown", False)]
)
def test_company_exits(address: str, expected: bool) -> None:  # noqa: FBT001
    """R4: a company's exit is known by its network."""
    assert TrustedProxies.of((), ("192.0.2.0/24",)).is_exit(address) is expected


def test_a_network_that_is_none() -> None:
    """A setting that is no network is refused at the start."""
    with pytest.raises(ValueError, match="does not appear to be"):
        TrustedProxies.of(("everywhere",))
