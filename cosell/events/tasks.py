"""Background entry points of the outbox. Each may run late, twice or side by side."""

from celery import shared_task

from cosell.events import outbox


@shared_task
def send_mail(pk: int) -> None:
    """Send one mail, if it is still to be sent."""
    outbox.send_due(only=pk)


@shared_task
def sweep() -> None:
    """Each minute: send what is due and was not sent at once."""
    outbox.revive()
    outbox.send_due()
