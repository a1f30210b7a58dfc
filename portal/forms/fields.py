"""The fields of a POST, read strictly: half-read bytes could become another password than was typed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from urllib.parse import parse_qsl

from aiohttp import web

from portal import csrf
from portal.forms.refusals import RefusedError

MAX_BODY = 64 * 1024
"""Bytes."""
_MAX_FIELDS = 20
_FORM = "application/x-www-form-urlencoded"
_MAX_LINE = 200


@dataclass(frozen=True, slots=True)
class Broken:
    """One thing to put right: a stable code, its words and the field that it belongs to."""

    code: str
    text: str
    field: str


async def read_fields(request: web.Request) -> dict[str, str]:
    """Return the fields exactly as typed; raises RefusedError, 403 when the hidden field is not ours."""
    if (request.content_length or 0) > MAX_BODY:
        raise RefusedError(413, "too_large")
    raw = await request.read()
    if len(raw) > MAX_BODY:
        raise RefusedError(413, "too_large")
    if raw and request.content_type != _FORM:
        raise RefusedError(400, "bad_request")
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS
        )
    except ValueError as error:
        raise RefusedError(400, "bad_request") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise RefusedError(400, "bad_request")
    if not csrf.valid(request, fields.get(csrf.FIELD, "")):
        raise RefusedError(403, "forbidden")
    return fields


def line(fields: dict[str, str], name: str) -> str:
    """Return a short field as it is compared: NFKC, printable characters only, no outer spaces."""
    text = unicodedata.normalize("NFKC", fields.get(name, "")[:_MAX_LINE])
    return "".join(char for char in text if char.isprintable()).strip()
