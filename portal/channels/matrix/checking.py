"""Says in findings whether both sides know each other's token and can reach each other."""

from __future__ import annotations

from collections.abc import Sequence

from portal.channels.matrix.api import MatrixApi
from portal.channels.port import ChannelAwayError, ChannelRefusedError, Finding


async def findings(api: MatrixApi, service: str) -> Sequence[Finding]:
    """Ask who we are, then have the homeserver call us; never raises."""
    try:
        user = await api.who_am_i()
        if user != api.bot:
            return [Finding(good=False, key="channel_wrong_account", variables={"account": user})]
        known = Finding(good=True, key="channel_signed_in", variables={"account": user})
        answer = await api.ping(service)
    except ChannelRefusedError:
        return [Finding(good=False, key="channel_sign_in_refused")]
    except ChannelAwayError as away:
        key = "channel_sign_in_refused" if away.reason == "sign_in" else "channel_unreachable"
        return [Finding(good=False, key=key, variables={"address": api.base_url})]
    if answer.good:
        return [known, Finding(good=True, key="channel_calls_us")]
    reason = answer.text("errcode") or str(answer.status)
    return [known, Finding(good=False, key="channel_does_not_call_us", variables={"reason": reason})]
