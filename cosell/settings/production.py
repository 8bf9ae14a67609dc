"""A server on the net. Every place and secret comes from the environment; a missing one stops the start."""

import os

from cosell.settings.base import *  # noqa: F403
from cosell.settings.base import database

SECRET_KEY = os.environ["SECRET_KEY"]
SECRET_KEY_FALLBACKS = [each for each in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if each]
ALLOWED_HOSTS = os.environ["ALLOWED_HOSTS"].split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]
DATABASES = {"default": database(os.environ["DATABASE_URL"])}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]  # probes come from inside, without TLS
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # to be on the browsers' preload list is for a site's owner to decide
# How many of our own proxies stand in front: sign-in attempts are throttled by the address that the last one saw.
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("TRUSTED_PROXIES", "1"))
