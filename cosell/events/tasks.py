"""Background entry points of the outbox. Each may run late, twice or side by side."""

from celery import shared_task

from cosell import clock
from cosell.events import digest, outbox
from cosell.events.enums import Channel


@shared_task
def send_mail(pk: int) -> None:
    """Send one mail or chat line, if it is still to be sent."""
    outbox.send_due(only=pk)


@shared_task
def sweep() -> None:
    """Each minute: send the mails that are due and were not sent at once."""
    outbox.revive()
    outbox.send_due([Channel.MAIL])


@shared_task
def sweep_chats() -> None:
    """Each minute, beside it: a dead mail server holds no chat up, nor the other way round."""
    outbox.send_due([Channel.CHAT])


@shared_task
def send_summaries() -> int:
    """Each minute: the daily summary for those whose morning has come."""
    return digest.sum_up_due(clock.now())
