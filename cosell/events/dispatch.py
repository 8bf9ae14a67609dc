"""The broker is an accelerator: it makes a mail go at once, and nothing waits for it or is lost with it."""

import logging
import time
from collections.abc import Sequence
from datetime import datetime

from kombu import pools

from cosell import clock
from cosell.celery import app

logger = logging.getLogger(__name__)

REST_SECONDS = 30.0
# A page that tells somebody something stands still for this long at most, once in REST_SECONDS.
IMPATIENT = {"max_retries": 0, "socket_connect_timeout": 0.5, "socket_timeout": 0.5}

_broken_until = 0.0  # of this process, on the monotonic clock


def send_soon(ids: Sequence[int], not_before: datetime) -> None:
    """Ask the workers to send these mails when they are due. Without a broker, the sweep does."""
    global _broken_until
    if time.monotonic() < _broken_until:
        return
    try:
        _publish(ids, max(0.0, (not_before - clock.now()).total_seconds()))
    except Exception as error:  # whatever the client of the broker raises, the page goes on
        _broken_until = time.monotonic() + REST_SECONDS
        logger.warning("The broker does not answer, mails wait for the sweep: %s", error)


def _publish(ids: Sequence[int], wait: float) -> None:
    connection = app.connection_for_write(transport_options=IMPATIENT)
    with pools.producers[connection].acquire(block=True, timeout=1) as producer:
        for pk in ids:
            app.send_task(
                "cosell.events.tasks.send_mail", (pk,), countdown=wait or None, producer=producer, retry=False
            )
