"""Background entry points of this app."""

from celery import shared_task

from accounts.importing import words


@shared_task
def rebuild_customer_words() -> tuple[int, int]:
    """Count the lexicon anew: what was written one by one since the last time has only new words in it."""
    return words.rebuild()
