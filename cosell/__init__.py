"""Cosell, a co-sell portal."""

from cosell.celery import app as celery_app

__all__ = ["celery_app"]
