"""The mails of a reset, one JSON line each in a file that the load program reads."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

_LINK = re.compile(r"http://\S+")


class FileOutbox(BaseEmailBackend):  # type: ignore[misc]  # Django ships no types
    """Appends to ``BENCH_DJANGO_OUTBOX``; a line is shorter than what the system writes at once."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write each mail's recipient and link."""
        with Path(os.environ["BENCH_DJANGO_OUTBOX"]).open("a", encoding="utf-8") as outbox:
            for mail in email_messages:
                link = _LINK.search(mail.body)
                outbox.write(json.dumps({"to": mail.to[0], "link": link.group() if link else None}) + "\n")
        return len(email_messages)
