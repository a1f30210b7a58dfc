"""The description of the chat API, and real answers held against it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import ClientResponse
from jsonschema import Draft202012Validator

from portal.chat.api import MAX_KEY
from recovery_core.conversations.text import MAX_TEXT
from recovery_core.messages import FormPurpose
from tests.portal_house import Chat, PortalHouse

METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})


@pytest.fixture
async def document(portal: PortalHouse) -> dict[str, Any]:
    """Return the description as programs get it."""
    response = await (await portal.client()).get("/api/openapi.json")
    assert response.content_type == "application/json"
    read: dict[str, Any] = await response.json()
    return read


def references(node: object) -> list[str]:
    """Return every ``$ref`` below *node*."""
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return own + [each for value in node.values() for each in references(value)]
    return [each for value in node for each in references(value)] if isinstance(node, list) else []


def at(document: Mapping[str, Any], reference: str) -> Any:  # noqa: ANN401  whatever stands there
    """Return what a local ``$ref`` points at; raises KeyError."""
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def resolved(document: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return *node*, or what it refers to."""
    found: Mapping[str, Any] = at(document, node["$ref"]) if "$ref" in node else node
    return found


async def described(document: Mapping[str, Any], path: str, response: ClientResponse) -> None:
    """Hold *response* against the description of its path, method, status and content type."""
    operation = document["paths"][path][response.method.lower()]
    answer = resolved(document, operation["responses"][str(response.status)])
    for name, header in answer.get("headers", {}).items():
        assert name in response.headers, header
    schema = answer["content"][response.content_type]["schema"]
    whole = {**schema, "components": document["components"]}
    Draft202012Validator(whole).validate(await response.json())


def test_the_document_is_openapi(document: dict[str, Any]) -> None:
    """It is OpenAPI 3.1 with the required fields, and each operation says what it answers."""
    assert document["openapi"].startswith("3.1.")
    assert {"title", "version"} <= document["info"].keys()
    for item in document["paths"].values():
        for method, operation in item.items():
            assert method in METHODS
            assert operation["responses"]
            for answer in operation["responses"].values():
                assert resolved(document, answer)["description"]


def test_every_schema_is_one(document: dict[str, Any]) -> None:
    """Each schema is JSON Schema 2020-12, as OpenAPI 3.1 wants it, and every reference leads somewhere."""
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for reference in references(document):
        assert at(document, reference)


def test_the_document_agrees_with_the_code(portal: PortalHouse, document: dict[str, Any]) -> None:
    """Paths, methods, limits and purposes are those of the code."""
    served = {
        (route.resource.canonical, route.method.lower())
        for route in portal.server.app.router.routes()
        if route.resource and route.resource.canonical.startswith("/api/chat")
    }
    told = {(path, method) for path, item in document["paths"].items() for method in item}
    assert {each for each in served if each[1] != "head"} == told
    schemas = document["components"]["schemas"]
    assert schemas["MessageRequest"]["properties"]["text"]["maxLength"] == MAX_TEXT
    parameters = document["paths"]["/api/chat/messages"]["post"]["parameters"]
    assert [p["schema"]["maxLength"] for p in parameters if p["name"] == "Idempotency-Key"] == [MAX_KEY]
    purposes = schemas["Reply"]["properties"]["form"]["properties"]["purpose"]["enum"]
    assert set(purposes) == {purpose.value for purpose in FormPurpose}


async def test_answers_are_as_described(portal: PortalHouse, document: dict[str, Any]) -> None:
    """Replies of every kind, taken messages and refusals validate against the description."""
    chat = Chat(portal, await portal.client())
    session, messages = "/api/chat/session", "/api/chat/messages"
    await described(document, messages, await chat.post({"text": "hi"}))
    await described(document, session, await chat.begin())
    await described(document, session, await chat.begin(resume={"reference": "x", "secret": "y"}))
    await described(document, session, await chat.begin(resume=7))
    for text in (
        "hi",
        "I forgot the password of alice@example.com",
        "",
        "a" * 4001,
        "my password is Ab3$efgh9",
    ):
        await described(document, messages, await chat.post({"text": text}))
    await chat.say("I want another method for my password")
    for name in ("method_sms", "method_mail"):
        await described(document, messages, await chat.post({"button": chat.button(name)}))
    await described(document, messages, await chat.post({"button": "none"}))
    await described(document, messages, await chat.post({"text": "hi"}, wait=False))
    await described(document, messages, await chat.post([]))
    plain = {"Content-Type": "text/plain"}
    for path in (messages, session):
        await described(document, path, await chat.http.post(path, data=b"{}", headers=plain))


async def test_waits_are_as_described(portal: PortalHouse, document: dict[str, Any]) -> None:
    """A refusal for being too fast and one for another site's page validate against the description."""
    chat = await portal.chat()
    for _ in range(20):
        await chat.post({"text": "hi"}, wait=False)
    await described(document, "/api/chat/messages", await chat.post({"text": "hi"}))
    foreign = {"Origin": "https://elsewhere.example"}
    await described(document, "/api/chat/session", await chat.http.post("/api/chat/session", headers=foreign))


async def test_events_are_as_described(portal: PortalHouse, document: dict[str, Any]) -> None:
    """The data of each event validates against the schema of its name."""
    chat = await portal.chat()
    await chat.say("I forgot the password of alice@example.com")
    schemas = document["components"]["schemas"]
    async with chat.events() as events:
        for _ in range(4):
            name, _, data = await events.next()
            schema = {**schemas[name.capitalize()], "components": document["components"]}
            Draft202012Validator(schema).validate(json.loads(json.dumps(data)))
