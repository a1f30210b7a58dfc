"""``python -m rekey`` is the command line."""

from __future__ import annotations

from rekey.cli import main

if __name__ == "__main__":
    main(prog_name="rekey")
