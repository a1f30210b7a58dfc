"""The client's address: from the socket, or through proxies that the operator named (R22)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from aiohttp import web

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """The networks whose ``X-Forwarded-For`` is believed; empty: only the socket counts."""

    networks: tuple[_Network, ...] = ()
    exits: tuple[_Network, ...] = ()
    """Networks behind which a whole company sits: free of the limit of addresses per client (R4)."""

    @classmethod
    def of(cls, proxies: tuple[str, ...], exits: tuple[str, ...] = ()) -> TrustedProxies:
        """Parse addresses and networks such as ``10.0.0.0/8``; raises ValueError."""
        return cls(_parsed(proxies), _parsed(exits))

    def is_exit(self, address: str) -> bool:
        """Tell whether *address*, as :meth:`client` returned it, is a company's exit."""
        return _within(address.partition("/")[0], self.exits)

    def client(self, request: web.Request) -> str:
        """Return the address of the client: the last hop that is not one of ours."""
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", ())) if self.networks else ""
        return self.client_of(request.remote, forwarded)

    def client_of(self, remote: str | None, forwarded: str) -> str:
        """Return the client of a request that came from *remote* with these hops in its headers."""
        hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
        address = remote or "unknown"
        while hops and _within(address, self.networks):
            address = hops.pop()
        return _canonical(address)


def _parsed(texts: tuple[str, ...]) -> tuple[_Network, ...]:
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def _within(address: str, networks: tuple[_Network, ...]) -> bool:
    if not networks:
        return False
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def _canonical(address: str) -> str:
    """Return what limits count on: an IPv6 client owns its /64, so that counts as one (R4)."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
