"""The body of a form with files, read as it comes and never beyond its limits; nothing is stored here."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, web

from portal import csrf, sessions
from portal.forms.refusals import RETRY_SECONDS, RefusedError
from portal.keys import LIMITS, PARTS, UPLOADS
from portal.upload_slots import PATIENCE, NoRoomError, more_time
from recovery_core.evidence.precheck import MAX_FILE, MAX_FILES

FILES = "licence"
MAX_BODY = MAX_FILES * MAX_FILE + 64 * 1024
"""Bytes; only this form takes more than the application's own limit."""
_MAX_FIELD = 2048
_MAX_FIELDS = 20
_CHUNK = 64 * 1024


@dataclass
class Sent:
    """What came. A file of None was over the limit."""

    limit: asyncio.Timeout
    begun: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    fields: dict[str, str] = field(default_factory=dict)
    files: list[bytes | None] = field(default_factory=list)
    size: int = 0


async def read_upload(request: web.Request) -> Sent:
    """Return fields and files; raises RefusedError: 413 too large, 400 cut off, 403 when it is not ours."""
    if (request.content_length or 0) > MAX_BODY:
        raise RefusedError(413, "too_large")
    wait = await request.app[LIMITS].hit("uploads_per_client", sessions.client_key(request))
    if wait:
        raise RefusedError(429, "too_fast", wait)
    try:
        with request.app[UPLOADS].taken(sessions.client_key(request), request.app[PARTS].trusted_clients):
            sent = await _read(request)
    except NoRoomError:
        raise RefusedError(503, "unavailable", RETRY_SECONDS) from None
    except (ValueError, AssertionError, LookupError, TimeoutError, OSError) as error:
        raise RefusedError(400, "bad_request") from error
    if not csrf.valid(request, sent.fields.get(csrf.FIELD, "")):
        raise RefusedError(403, "forbidden")
    return sent


async def _read(request: web.Request) -> Sent:
    async with asyncio.timeout(PATIENCE) as limit:
        sent = Sent(limit)
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader) or part.name is None:
                raise ValueError("not a form")
            if len(sent.fields) + len(sent.files) >= _MAX_FIELDS:
                raise ValueError("too many fields")
            if part.name == FILES:
                await _file(part, sent)
            else:
                await _field(part, sent)
    return sent


async def _file(part: BodyPartReader, sent: Sent) -> None:
    """Keep at most the limit; what comes beyond is read and thrown away, so that the page can answer."""
    content, length = bytearray(), 0
    while chunk := await part.read_chunk(_CHUNK):
        length += len(chunk)
        _count(sent, len(chunk))
        if length <= MAX_FILE and len(sent.files) < MAX_FILES:
            content += chunk
        else:
            content.clear()
    if part.filename or length:
        sent.files.append(bytes(content) if length <= MAX_FILE else None)


async def _field(part: BodyPartReader, sent: Sent) -> None:
    content = bytearray()
    while chunk := await part.read_chunk(_CHUNK):
        content += chunk
        _count(sent, len(chunk))
        if len(content) > _MAX_FIELD:
            raise ValueError("field too long")
    if part.name is None or part.name in sent.fields:
        raise ValueError("field twice")
    sent.fields[part.name] = content.decode("utf-8")


def _count(sent: Sent, size: int) -> None:
    sent.size += size
    more_time(sent.limit, sent.begun, sent.size)
    if sent.size > MAX_BODY:
        raise RefusedError(413, "too_large")
