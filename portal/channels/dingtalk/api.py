"""The few calls of DingTalk's open platform that rekey needs, and the access token that they all want."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from portal.channels.calls import Answer, Calls, insist, judged
from portal.channels.config import Secret
from portal.channels.dingtalk.frames import SUBSCRIPTIONS
from portal.channels.port import ChannelAwayError, ChannelRefusedError, Person
from portal.channels.reading import Json, optional
from recovery_core.clock import Clock

_EARLIER = timedelta(minutes=5)
"""A token is renewed so long before its end."""
_NO_TOKEN = frozenset({"InvalidAuthentication", "40014", "42001", "88"})
_BUSY = ("throttl", "toofast", "too.fast", "too.many")
_UNKNOWN_PERSON = frozenset({60121, 33012, 400002})
_FORBIDDEN = 403
_HALF_MINUTE = 30.0


@dataclass(slots=True)
class DingTalkApi:
    """Speaks to the open platform; every method raises ChannelAwayError when it cannot be asked now."""

    base_url: str
    directory_url: str
    client_id: str
    client_secret: Secret
    robot_code: str
    clock: Clock
    calls: Calls
    _token: str = field(default="", init=False, repr=False)
    _token_of: str = field(default="", init=False, repr=False)
    """The secret that the token was given for: a rotated one gets a token of its own."""
    _until: datetime | None = field(default=None, init=False)

    async def open(self) -> tuple[str, str]:
        """Return address and ticket of a new connection; raises ChannelAwayError.

        The ticket lets anybody read what people say to the robot: it is never logged.
        """
        body = {
            "clientId": self.client_id,
            "clientSecret": self.client_secret(),
            "subscriptions": list(SUBSCRIPTIONS),
            "ua": "rekey",
        }
        headers = {"Accept": "application/json"}
        answer = await self.calls.ask("POST", f"{self.base_url}/v1.0/gateway/connections/open", headers, body)
        endpoint, ticket = answer.text("endpoint"), answer.text("ticket")
        if not answer.good:
            raise ChannelAwayError("sign_in")  # about our settings: nothing is lost while they are mended
        if not ticket or not self._is_safe(endpoint):
            raise ChannelAwayError("no_endpoint")
        return endpoint, ticket

    async def say(self, staff: str, key: str, parameters: str) -> None:
        """Send one message to one person.

        Raises:
            ChannelRefusedError: the person has left or shut us out, or the message is not taken.
        """
        body = {
            "robotCode": self.robot_code,
            "userIds": [staff],
            "msgKey": key,
            "msgParam": parameters,
        }
        answer = await self._with_token("/v1.0/robot/oToMessages/batchSend", body)
        if staff in _names(answer, "flowControlledStaffIdList"):
            raise ChannelAwayError("too_many", _HALF_MINUTE)
        insist(answer, "send")
        if staff in _names(answer, "invalidStaffIdList") | _names(answer, "filteredStaffIdList"):
            raise ChannelRefusedError("person")

    async def person(self, staff: str) -> Person | None:
        """Return what the directory says of *staff*; None if it knows nobody of that id.

        The old interface wants the token in the address, which is therefore never part of an exception here.
        """
        answer = judged(await self._directory(await self.token(), staff))
        if str(answer.data.get("errcode")) in _NO_TOKEN:
            self.forget()
            answer = judged(await self._directory(await self.token(), staff))
        code = answer.data.get("errcode")
        if code in _UNKNOWN_PERSON:
            return None
        result = answer.data.get("result")
        if code != 0 or not isinstance(result, dict):
            raise ChannelAwayError("directory")
        return _person(result)

    async def token(self) -> str:
        """Return an access token that is good for some minutes at least."""
        secret, now = self.client_secret(), self.clock.now()
        if self._token and self._until is not None and now < self._until and secret == self._token_of:
            return self._token
        body = {"appKey": self.client_id, "appSecret": secret}
        answer = await self.calls.ask("POST", f"{self.base_url}/v1.0/oauth2/accessToken", {}, body)
        token, seconds = answer.text("accessToken"), answer.data.get("expireIn")
        if not answer.good or not token:
            raise ChannelAwayError("sign_in")
        life = timedelta(seconds=seconds if isinstance(seconds, int) and 0 < seconds <= 86400 else 7200)  # noqa: PLR2004
        self._token, self._token_of, self._until = token, secret, now + max(life - _EARLIER, life / 2)
        return token

    def forget(self) -> None:
        """Get a new access token for the next call."""
        self._token = ""

    async def _with_token(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Call with a token, and once more with a new one: the platform may end one before its time."""
        for _ in range(2):
            headers = {"x-acs-dingtalk-access-token": await self.token()}
            answer = await self.calls.once("POST", self.base_url + path, headers, body)
            code = answer.text("code")
            if answer.status != 401 and code not in _NO_TOKEN:  # noqa: PLR2004
                break
            self.forget()
        else:
            raise ChannelAwayError("sign_in")
        if any(word in code.lower() for word in _BUSY):
            raise ChannelAwayError("too_many", _HALF_MINUTE)
        if answer.status == _FORBIDDEN:
            raise ChannelAwayError("permission")  # the app lacks it, and an operator can grant it
        return judged(answer)

    async def _directory(self, token: str, staff: str) -> Answer:
        url = f"{self.directory_url}/topapi/v2/user/get"
        return await self.calls.once("POST", url, {}, {"userid": staff}, {"access_token": token})

    def _is_safe(self, endpoint: str) -> bool:
        """Tell whether the connection would be as well protected as the call that named it."""
        return endpoint.startswith("wss://" if self.base_url.startswith("https://") else ("ws://", "wss://"))


def _names(answer: Answer, key: str) -> set[str]:
    found = answer.data.get(key)
    return {name for name in found if isinstance(name, str)} if isinstance(found, list) else set()


def _person(result: Json) -> Person:
    """Take what the organisation itself keeps: the job number and its own mail address, not ``email``."""
    return Person(staff_number=optional(result, "job_number"), mail=optional(result, "org_email"))
