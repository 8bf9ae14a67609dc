"""The Celery app: `celery -A cosell worker`, `celery -A cosell beat`. Its schedule stands in the settings."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cosell.settings.production")

app = Celery("cosell")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
