"""A platform that calls, simulated, before a whole portal."""

from __future__ import annotations

from sqlalchemy import func, select

from portal.channels.messengers import Messengers
from portal.channels.port import Incoming
from recovery_core.adapters.sql.tables.channels import CHANNEL_EVENTS
from recovery_core.adapters.sql.unit_of_work import SqlWork
from tests.integration.channels.conftest import holds
from tests.integration.channels.feishu_platform import FeishuPlatform
from tests.integration.channels.shape import Act, Told
from tests.integration.channels.slack_platform import SlackPlatform
from tests.integration.channels.teams_platform import TeamsPlatform
from tests.integration.channels.wecom_platform import WecomPlatform
from tests.portal_house import Client, PortalHouse

Signing = SlackPlatform | FeishuPlatform | WecomPlatform | TeamsPlatform


class Door:
    """A portal with one platform before it."""

    def __init__(self, platform: Signing, portal: PortalHouse, http: Client) -> None:
        """Put them together."""
        self.platform, self.portal, self.http = platform, portal, http

    async def tell(self, act: Act, buttons: int) -> Told:
        """Let the platform tell *act*; return the answer, which ends with so many buttons."""
        incoming, before = self.platform.request(act), len(self.platform.told())
        assert incoming is not None
        assert await self.post(incoming) == 200
        await holds(lambda: [len(told.buttons) for told in self.platform.told()[before:]][-1:] == [buttons])
        return self.platform.told()[-1]

    async def post(self, incoming: Incoming) -> int:
        """Send *incoming*; return the status."""
        response = await self.http.post(
            f"/channels/{self.platform.name}",
            data=incoming.body,
            headers=dict(incoming.headers),
            params=dict(incoming.query),
        )
        return response.status

    async def stored(self) -> int:
        """Return how many events the inbox remembers."""
        work = self.portal.house.parts.work
        assert isinstance(work, SqlWork)
        async with work.engine.connect() as connection:
            query = select(func.count()).select_from(CHANNEL_EVENTS)
            return int((await connection.execute(query)).scalar_one())

    @property
    def url(self) -> str:
        """The address that the platform was given."""
        return str(self.portal.server.make_url(f"/channels/{self.platform.name}"))

    @property
    def messengers(self) -> Messengers:
        """The portal's side of all platforms."""
        found = self.portal.house.furnishing.messengers
        assert found is not None
        return found
