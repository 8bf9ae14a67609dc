"""The broker is an accelerator: it makes a mail go at once, and nothing waits for it or is lost with it."""

import logging
import time
from collections.abc import Iterable
from datetime import datetime

from cosell import clock

logger = logging.getLogger(__name__)

REST_SECONDS = 30.0
_broken_until = 0.0  # of this process, on the monotonic clock


def send_soon(ids: Iterable[int], not_before: datetime) -> None:
    """Ask the workers to send these mails when they are due. A dead broker costs one short try in 30 s."""
    global _broken_until
    from cosell.events import tasks  # noqa: PLC0415  the tasks import the sender, which imports the models

    if time.monotonic() < _broken_until:
        return
    wait = max(0.0, (not_before - clock.now()).total_seconds())
    try:
        for pk in ids:
            tasks.send_mail.apply_async((pk,), countdown=wait or None, retry=False)
    except Exception as error:  # noqa: BLE001  whatever the broker's client raises, the page goes on
        _broken_until = time.monotonic() + REST_SECONDS
        logger.warning("The broker does not answer (%s): mails wait for the sweep", error)
