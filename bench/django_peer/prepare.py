"""Make the tables and the users: ``python -m bench.django_peer.prepare COUNT``."""

from __future__ import annotations

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.django_peer.settings")
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402  after setup
from django.contrib.auth.hashers import make_password  # noqa: E402
from django.core.management import call_command  # noqa: E402

from bench.django_peer.models import Used  # noqa: E402
from bench.django_peer.passwords import HISTORY  # noqa: E402


def main(count: int) -> None:
    """Make *count* users, each with a password and two older ones."""
    call_command("migrate", run_syncdb=True, verbosity=0)
    hashes = [make_password(f"Older-Passw0rd-{number}") for number in range(HISTORY)]
    kind = get_user_model()
    people = kind.objects.bulk_create(
        kind(username=f"bench{n}", email=f"bench{n}@example.com", password=hashes[-1]) for n in range(count)
    )
    Used.objects.bulk_create(Used(user=one, encoded=encoded) for one in people for encoded in hashes)


if __name__ == "__main__":
    main(int(sys.argv[1]))
