"""One machine: `make demo` and the shell. The embedded servers give DATABASE_URL and REDIS_URL when they start."""

import os

from cosell.settings.base import *  # noqa: F403
from cosell.settings.base import INSTALLED_APPS, database

INSTALLED_APPS = [*INSTALLED_APPS, "cosell.local"]
SECRET_KEY = os.environ.get("SECRET_KEY", "only-for-this-machine")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
DATABASES = {"default": database(os.environ.get("DATABASE_URL", "postgresql://cosell@127.0.0.1/cosell"))}

# The pages' files straight from static/: nothing to collect.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
