"""Says in findings whether both sides know each other's token and can reach each other."""

from __future__ import annotations

from collections.abc import Sequence

from portal.channels.calls import Answer
from portal.channels.matrix.api import MatrixApi
from portal.channels.port import ChannelAwayError, ChannelRefusedError, Finding


async def findings(api: MatrixApi, service: str) -> Sequence[Finding]:
    """Ask who we are, then have the homeserver call us; never raises."""
    reachable = Finding(good=True, key="channel.check.reachable", variables={"host": api.base_url})
    refused = Finding(good=False, key="channel.check.not_credentials")
    try:
        await api.register()
        if await api.who_am_i() != api.bot:
            return [reachable, refused]
        answer = await api.ping(service)
    except ChannelRefusedError:
        return [reachable, refused]
    except ChannelAwayError as away:
        if away.reason == "sign_in":
            return [reachable, refused]
        return [Finding(good=False, key="channel.check.not_reachable", variables=reachable.variables)]
    return [reachable, Finding(good=True, key="channel.check.credentials"), _called(answer)]


def _called(answer: Answer) -> Finding:
    """Return what came of the homeserver's call to us; its error codes are fixed words of the standard."""
    if answer.good:
        return Finding(good=True, key="channel.check.calls_us")
    reason = answer.text("errcode") or str(answer.status)
    return Finding(good=False, key="channel.check.not_calls_us", variables={"reason": reason})
