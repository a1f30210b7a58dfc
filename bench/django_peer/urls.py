"""Django's own views of a reset, with templates that hold one form each."""

from __future__ import annotations

from django.contrib.auth import views
from django.http import HttpRequest, HttpResponse
from django.urls import path


def done(_request: HttpRequest) -> HttpResponse:
    """Say that the step is done."""
    return HttpResponse("done")


urlpatterns = [
    path("", done),
    path(
        "reset/",
        views.PasswordResetView.as_view(
            template_name="form.html", email_template_name="mail.txt", subject_template_name="subject.txt"
        ),
    ),
    path("reset/done/", done, name="password_reset_done"),
    path(
        "reset/<uidb64>/<token>/",
        views.PasswordResetConfirmView.as_view(template_name="form.html"),
        name="password_reset_confirm",
    ),
    path("reset/complete/", done, name="password_reset_complete"),
]
