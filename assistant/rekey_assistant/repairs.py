"""Repairs of Rasa 3.6.21, one open table: what is replaced, by what, and why.

Each repair answers as the original does; ``tests/conversation/test_repairs.py`` compares them.
"""

from __future__ import annotations

from rekey_assistant import action_repairs, tracker_repairs, turn_repairs
from rekey_assistant.repair import Repair

REPAIRS: tuple[Repair, ...] = (*action_repairs.REPAIRS, *tracker_repairs.REPAIRS, *turn_repairs.REPAIRS)
