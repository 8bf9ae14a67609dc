"""Tests: real servers on free ports (tests/conftest.py starts them), cheap passwords, guards on."""

import os

from cosell.settings.base import *  # noqa: F403
from cosell.settings.base import INSTALLED_APPS, MIDDLEWARE, database

INSTALLED_APPS = [*INSTALLED_APPS, "cosell.local"]
MIDDLEWARE = ["tests.guards.SafeMethodsDoNotWrite", *MIDDLEWARE]
SECRET_KEY = "tests"  # noqa: S105  no secret is kept with it
ALLOWED_HOSTS = ["*"]
DATABASES = {"default": {**database(os.environ["DATABASE_URL"]), "CONN_MAX_AGE": 0}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
CELERY_BROKER_URL = os.environ["REDIS_URL"]
WHITENOISE_AUTOREFRESH = True
LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"handlers": [], "level": "WARNING"}}
