"""Run a command that dies with its parent: ``python -I tether.py PARENT_PID COMMAND …``."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""From ``linux/prctl.h``; the setting survives ``execve`` (prctl(2))."""


def main(arguments: list[str]) -> None:
    """Tie this process to its parent where the system can, then become the command."""
    parent, *command = arguments
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):  # it died before the line above
        sys.exit(1)
    os.execvpe(command[0], command, os.environ)  # noqa: S606 - the command is ours, and no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
