"""The passwords that somebody has used."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.db import models


class Used(models.Model):  # type: ignore[misc]  # Django ships no types
    """One password of one user, as its hash."""

    user = models.ForeignKey(get_user_model(), on_delete=models.CASCADE)
    encoded = models.CharField(max_length=128)

    class Meta:
        """Names the application that the model belongs to."""

        app_label = "django_peer"

    def __str__(self) -> str:
        """Return nothing that could be a secret."""
        return f"password {self.pk}"
