"""How often and for how much money codes and links are sent (R4, R5, R6); decoys are counted alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from recovery_core.errors import MustWaitError, RecoveryError
from recovery_core.keyed import KeyedHash
from recovery_core.numbers import Numbers
from recovery_core.proofs.methods import Method
from recovery_core.proofs.ports import SendStore

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


class SendingLimitError(RecoveryError):
    """Raised when no more may be sent for the address, the domain, the case or in all; one text for all."""

    code = "sending_limit"


class AddressLimitError(MustWaitError):
    """Raised when one client asks for too many different addresses in an hour (R4)."""

    code = "address_limit"


@dataclass(frozen=True, slots=True)
class Counters:
    """What the limits counted, read in the same statements for every address."""

    last: datetime | None
    hour: int
    day: int
    money_domain: int
    money_all: int
    client_addresses: frozenset[str]


@dataclass(frozen=True, slots=True)
class SendKeys:
    """The keyed hashes that one sending is counted on."""

    address_method: str
    address: str
    domain: str
    client: str

    @classmethod
    def of(cls, keyed: KeyedHash, address: str, method: Method, client: str) -> SendKeys:
        """Return the keys for *address* by *method*, asked for by the client with that key."""
        domain = address.rpartition("@")[2]
        return cls(
            keyed.of("send", address, method),
            keyed.of("address", address),
            keyed.of("domain", domain),
            client,
        )


async def read_counters(sends: SendStore, keys: SendKeys, now: datetime, *, paid: bool = True) -> Counters:
    """Read every counter, always with the same statements (R2); what is not *paid* for needs no sums.

    In this order everywhere, because each counter is held until the unit of work ends: the sums, which all
    senders share, last.
    """
    last = await sends.last_at(keys.address_method)
    hour = await sends.count_since(keys.address_method, now - _HOUR)
    day = await sends.count_since(keys.address_method, now - _DAY)
    addresses = await sends.addresses_of_client(keys.client, now - _HOUR)
    money_all = await sends.money_since(now - _DAY) if paid else 0
    money_domain = await sends.money_since(now - _DAY, keys.domain) if paid else 0
    return Counters(last, hour, day, money_domain, money_all, addresses)


async def start_of_client(
    sends: SendStore, keys: SendKeys, numbers: Numbers, now: datetime, *, trusted: bool
) -> None:
    """Count one start of the client for the address; raises AddressLimitError if it may not (R4)."""
    known = await sends.addresses_of_client(keys.client, now - _HOUR)
    _check_addresses(known, keys, numbers, trusted=trusted)
    await sends.add_client_start(keys.client, keys.address, now)


def check_client(counters: Counters, keys: SendKeys, numbers: Numbers, *, trusted: bool) -> None:
    """Return if the client may ask for this address; *trusted* clients (company exits) always may (R4)."""
    _check_addresses(counters.client_addresses, keys, numbers, trusted=trusted)


def _check_addresses(known: frozenset[str], keys: SendKeys, numbers: Numbers, *, trusted: bool) -> None:
    if trusted or keys.address in known or len(known) < numbers.client_addresses_per_hour:
        return
    raise AddressLimitError(_HOUR)


def check_pace(counters: Counters, numbers: Numbers, now: datetime) -> None:
    """Return if the address may get another now (R4); raises MustWaitError or SendingLimitError."""
    if counters.last is not None and now < counters.last + numbers.resend_wait:
        raise MustWaitError(counters.last + numbers.resend_wait - now, "resend_wait")
    if counters.hour >= numbers.sends_per_hour or counters.day >= numbers.sends_per_day:
        raise SendingLimitError


def check_money(counters: Counters, domain_size: int, numbers: Numbers) -> None:
    """Return if another SMS may be paid for (R5); raises SendingLimitError with the code of the cap."""
    domain_cap = max(numbers.sms_domain_floor, int(domain_size * numbers.sms_domain_share))
    if counters.money_domain >= domain_cap or counters.money_all >= numbers.sms_daily_max:
        raise SendingLimitError("sms_cap")
