"""Ask a model for intents: texts as JSON on standard input, intents as JSON on the last line of the output.

Runs in an environment of Rasa, so it imports nothing of ours.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import warnings


async def intents(model: str, texts: list[str]) -> list[str | None]:
    """Return the intent that the newest model at *model* gives each text; raises SystemExit without one."""
    import structlog  # noqa: PLC0415  warnings are off before Rasa is imported
    from rasa.core.agent import Agent  # noqa: PLC0415

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    agent = Agent.load(model)
    if not agent.is_ready():
        raise SystemExit(f"no trained model at {model}")
    return [(await agent.parse_message(text))["intent"]["name"] for text in texts]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    found = asyncio.run(intents(sys.argv[1], json.load(sys.stdin)))
    sys.stdout.write("\n" + json.dumps(found) + "\n")
