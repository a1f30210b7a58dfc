"""Judges requests with the event handler of lark-oapi, in a process of its own.

Importing the whole package takes five seconds, or thirty where it was never imported, for its five thousand
files of models. So only its core is imported, and the handler's own source is run without those imports.

Reads ``{"encrypt_key", "token", "requests": [{"headers", "body"}]}`` and prints for each request the status
and text that the handler answers with, and the last event that it took; 500 means that it refuses.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import sys
import types
from pathlib import Path
from typing import Any

_HANDLER = "event/dispatcher_handler.py"
_MODELS = "from lark_oapi.api."
_REST = "class EventDispatcherHandlerBuilder"
_KIND = "p2.im.message.receive_v1"


def handler() -> Any:  # noqa: ANN401  of the vendor
    """Return the vendor's handler, made from its source."""
    spec = importlib.util.find_spec("lark_oapi")
    assert spec is not None
    assert spec.origin is not None
    home = Path(spec.origin).parent
    package = types.ModuleType("lark_oapi")
    package.__path__ = [str(home)]
    sys.modules["lark_oapi"] = package
    events = types.ModuleType("lark_oapi.event")
    events.__path__ = [str(home / "event")]
    sys.modules["lark_oapi.event"] = events
    text = (home / _HANDLER).read_text(encoding="utf-8").partition(_REST)[0]
    lines = [line for line in text.splitlines() if not line.startswith(_MODELS)]
    judged = sys.modules["lark_oapi.event.judged"] = types.ModuleType("lark_oapi.event.judged")
    space = judged.__dict__
    space["__package__"] = "lark_oapi.event"
    exec(compile("\n".join(lines), _HANDLER, "exec"), space)  # noqa: S102  an installed package's own source
    made = space["EventDispatcherHandler"]()
    made._processorMap[_KIND] = space["CustomizedEventProcessor"](lambda event: heard.append(event.event))
    return made


heard: list[Any] = []


def main() -> None:
    """Judge what is on standard input."""
    task = json.load(sys.stdin)
    judge = handler()
    logging.disable(logging.CRITICAL)
    judge._encrypt_key, judge._verification_token = task["encrypt_key"], task["token"]
    requests = importlib.import_module("lark_oapi.core.model")
    verdicts = []
    for row in task["requests"]:
        request = requests.RawRequest()
        request.uri, request.headers, request.body = "/", row["headers"], row["body"].encode()
        answer = judge.do(request)
        last = heard[-1]["message"]["content"] if heard else None
        verdicts.append([answer.status_code, answer.content.decode(), last])
    json.dump(verdicts, sys.stdout)


if __name__ == "__main__":
    main()
