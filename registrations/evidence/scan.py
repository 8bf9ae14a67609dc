"""The scan for malware: any command that ends with 0 for a clean file and 1 for an infected one (docs/evidence.md)."""

from __future__ import annotations

import logging
import os
import shlex
import signal
import subprocess
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from cosell.web.reasons import Reason
from registrations.enums import Scan
from registrations.evidence.kinds import no

logger = logging.getLogger(__name__)
TIMEOUT = 60.0  # seconds
CLEAN, INFECTED = 0, 1


def is_on() -> bool:
    return bool(settings.COSELL_SCAN_COMMAND)


def scan(path: Path) -> Scan | Reason:
    """What the operator's command says of the file; a file that could not be scanned is not taken."""
    if not is_on():
        return Scan.OFF
    ended = _run([*shlex.split(settings.COSELL_SCAN_COMMAND), str(path)])
    if ended == CLEAN:
        return Scan.CLEAN
    if ended == INFECTED:
        words = _("The scan found malware in this file, so it was deleted here.")
        return no("infected", words, _("Have your own copy checked before you open it again."))
    return no("not_scanned", _("The file could not be scanned for malware just now."), _("Please try again later."))


def _run(command: list[str]) -> int | None:
    """How it ended; None when it did not begin, or took too long. Then the operator reads why in the log."""
    try:
        process = subprocess.Popen(  # noqa: S603  the operator's own command; the path is ours
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        logger.exception("The scan command cannot be started")
        return None
    try:
        ended = process.wait(TIMEOUT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # what it started, too
        process.wait()
        logger.error("The scan of %s took more than %s seconds", command[-1], TIMEOUT)
        return None
    if ended not in (CLEAN, INFECTED):
        logger.error("The scan command ended with %s on %s", ended, command[-1])
    return ended
