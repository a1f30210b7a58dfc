"""Django's settings: its own reset of passwords, rekey's Argon2 numbers, three history checks, SQLite."""

from __future__ import annotations

import os

SECRET_KEY = "bench-only"  # noqa: S105  guards nothing
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "bench.django_peer",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
ROOT_URLCONF = "bench.django_peer.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [os.path.join(os.path.dirname(__file__), "templates")],  # noqa: PTH118, PTH120  as Django writes it
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["BENCH_DJANGO_DATABASE"],
        "CONN_MAX_AGE": 600,
        "OPTIONS": {
            "timeout": 30,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }
}
PASSWORD_HASHERS = ["bench.django_peer.passwords.SameArgon2"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "bench.django_peer.passwords.ThreeLastPasswords"}]
EMAIL_BACKEND = "bench.django_peer.mail.FileOutbox"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
