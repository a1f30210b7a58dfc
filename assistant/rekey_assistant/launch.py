"""Serve the assistant: ``python -m rekey_assistant.launch --port 5005 --model models/``.

Only the channel ``gateway`` is served; Rasa's HTTP API, telemetry and error reporting stay off. The
environment gives REKEY_GATEWAY_KEY, REKEY_ACTIONS_KEY, REKEY_ACTIONS_URL and REKEY_TRACKER_URL, and nothing
else is needed.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rekey_assistant import quiet

if TYPE_CHECKING:
    from sanic import Sanic

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
NEEDED = ("REKEY_GATEWAY_KEY", "REKEY_ACTIONS_KEY", "REKEY_ACTIONS_URL", "REKEY_TRACKER_URL")
_REQUEST_SECONDS = 60


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="rekey_assistant.launch", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="a port of 127.0.0.1")
    parser.add_argument(
        "--model", type=Path, default=ROOT / "models", help="a model, or the folder that holds models"
    )
    return parser


def build(model: Path, port: int) -> Sanic:
    """Return the server with its channel; the model is loaded when it starts."""
    from functools import partial  # noqa: PLC0415

    from rasa.core.run import close_resources, configure_app, load_agent_on_start  # noqa: PLC0415
    from rasa.core.utils import AvailableEndpoints  # noqa: PLC0415

    from rekey_assistant import action_repairs, repair, repairs, tracker_file  # noqa: PLC0415  when logs are quiet
    from rekey_assistant.gateway import Gateway  # noqa: PLC0415

    repair.install(repairs.REPAIRS)
    tracker_file.configure()
    endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
    channel = Gateway.from_credentials({"key": os.environ["REKEY_GATEWAY_KEY"]})
    app: Sanic = configure_app([channel], enable_api=False, port=port, endpoints=endpoints, use_uvloop=True)
    app.config.RESPONSE_TIMEOUT = _REQUEST_SECONDS
    app.config.REQUEST_MAX_SIZE = 256 * 1024
    app.register_listener(partial(load_agent_on_start, str(model), endpoints, None), "before_server_start")
    app.register_listener(settle, "after_server_start")
    app.register_listener(close_resources, "after_server_stop")
    app.register_listener(lambda *_: action_repairs.close(endpoints.action), "after_server_stop")
    return app


def settle(*_: object) -> None:
    """Keep the garbage collector from looking through model and libraries again and again."""
    gc.collect()
    gc.freeze()


def main(argv: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; the exit code is 2 when the environment is incomplete."""
    options = arguments().parse_args(argv)
    missing = [name for name in NEEDED if not os.environ.get(name)]
    if missing:
        sys.stderr.write(f"missing in the environment: {' '.join(missing)}\n")
        return 2
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    quiet.configure()
    app = build(options.model, options.port)
    app.run(host=HOST, port=options.port, workers=1, access_log=False, motd=False)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
