"""Argon2 with rekey's numbers, and the history that Django does not have."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher, check_password
from django.core.exceptions import ValidationError

HISTORY = 3


class SameArgon2(Argon2PasswordHasher):  # type: ignore[misc]  # Django ships no types
    """19 MiB, two passes, one lane, as rekey's default profile."""

    memory_cost = 19_456
    time_cost = 2
    parallelism = 1


class ThreeLastPasswords:
    """Refuses the last three passwords, and remembers each new one."""

    def validate(self, password: str, user: Any = None) -> None:  # noqa: ANN401  Django's signature
        """Raise ValidationError when *password* is one of the last three."""
        from bench.django_peer.models import Used  # noqa: PLC0415  models load after settings

        last = Used.objects.filter(user=user).order_by("-id")[:HISTORY]
        if any([check_password(password, used.encoded) for used in last]):  # noqa: C419  always three, as rekey
            raise ValidationError("recently used", code="recently_used")

    def password_changed(self, _password: str, user: Any = None) -> None:  # noqa: ANN401
        """Remember the hash that *user* has now."""
        from bench.django_peer.models import Used  # noqa: PLC0415

        Used.objects.create(user=user, encoded=user.password)

    def get_help_text(self) -> str:
        """Return what the form says in advance."""
        return "Not one of your last three passwords."
