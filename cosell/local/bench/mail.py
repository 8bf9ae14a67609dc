"""How quickly mails leave: many that wait, against a bare loop over the same bytes; and one, from its commit on.

In a database of its own, which goes away again, with a mail server of its own that takes everything. Each half runs in
processes like those of a real site: a sender, and for the second half a worker and a broker.
"""

import json
import os
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from cosell.local import processes, servers
from cosell.local.bench import loading

if TYPE_CHECKING:
    from deals.models import Deal

MAILS, ROUNDS = 10_000, 4  # in turns, so that whatever else the machine does meets both
COMMITS, PAUSE = 200, 0.5  # each tells some people, seconds between them
SAMPLE = 200  # different letters that the bare loop sends again and again
DATABASE = "cosell_bench_mail"
GOAL_SECONDS = 1.0  # from the commit until the mail is handed over, p95 (quality.md)
START_SECONDS = 60
MODULE = "cosell.local.bench.mail"


@dataclass(frozen=True)
class Figures:
    """Mails a second by the outbox and by the bare loop; seconds from commit to handed over; bytes of a mail."""

    outbox: float
    bare: float
    waits: list[float]
    size: int


def measure(url: str, mails: int = MAILS, commits: int = COMMITS) -> Figures:
    """Both halves."""
    here = loading.address(url, DATABASE)
    try:
        loading.make_database(url, DATABASE)
        with _environment(here):
            ours = bare = 0.0
            size = 0
            for _round in range(ROUNDS):
                answer = json.loads(_run(here, "send", mails // ROUNDS))
                ours, bare, size = ours + answer["outbox"], bare + answer["bare"], answer["size"]
            with _worker(here):
                waits = json.loads(_run(here, "wait", commits))
    finally:
        loading.drop_database(url, DATABASE)
    sent = mails // ROUNDS * ROUNDS
    return Figures(sent / ours, sent / bare, waits, size)


@contextmanager
def _environment(url: str) -> Iterator[None]:
    """A broker and a mail server for the processes that we start; our own environment is as before afterwards."""
    before = dict(os.environ)
    port = processes.free_port()
    try:
        os.environ |= {"DATABASE_URL": url, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(port)}
        os.environ.pop("REDIS_URL", None)
        with ExitStack() as stack:
            os.environ |= stack.enter_context(servers.ephemeral()).env
            stack.enter_context(_started("-m", MODULE, "serve", str(port)))
            _until(lambda: _takes_mail(port))
            yield
    finally:
        os.environ.clear()
        os.environ |= before


@contextmanager
def _worker(url: str) -> Iterator[None]:
    celery = ("-m", "celery", "-A", "cosell", "--quiet")
    options = ("--concurrency=2", "--loglevel=ERROR", "--without-gossip", "--without-mingle")
    with _started(*celery, "worker", *options):
        ping = [sys.executable, *celery, "inspect", "ping", "--timeout=1"]
        _until(lambda: subprocess.run(ping, env=_env(), cwd=servers.REPO, capture_output=True).returncode == 0)
        yield


@contextmanager
def _started(*arguments: str) -> Iterator[None]:
    process = processes.start(
        [sys.executable, "-W", "ignore", *arguments], env=_env(), cwd=servers.REPO, stdout=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _env() -> dict[str, str]:
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "cosell.settings.local"}


def _run(url: str, do: str, number: int) -> str:
    return loading.run(url, "-m", MODULE, do, str(number), stdout=subprocess.PIPE)


def _until(is_so) -> None:  # type: ignore[no-untyped-def]
    until = time.monotonic() + START_SECONDS
    while not is_so():
        if time.monotonic() > until:
            raise RuntimeError("It did not start")
        time.sleep(0.1)


def _takes_mail(port: int) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=1):
            return True
    except OSError:
        return False


# in those processes


class _Sink:
    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return "250 taken"


def _serve(port: int) -> None:
    controller = Controller(_Sink(), hostname="127.0.0.1", port=port)
    controller.start()
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    controller.stop()


def _deal() -> "Deal":
    """An opportunity that Northlake is asked about, made by the same actions as people use."""
    from cosell.local.cast import load_people  # noqa: PLC0415  once Django is set up
    from cosell.local.cast.customers import load_customers  # noqa: PLC0415
    from cosell.local.cast.deals import load_deals  # noqa: PLC0415
    from deals.models import Deal  # noqa: PLC0415

    asked = Deal.objects.filter(stage="received", invited_from__isnull=False).order_by("pk")
    if not asked.exists():
        load_people()
        load_customers()
        load_deals()
    return asked.select_related("engagement", "organization", "location", "invited_from__organization")[0]


def _fill(count: int) -> None:
    """So many mails that wait: opportunities, each told to the people of the invited company and to its inviters."""
    from accounts.models import User  # noqa: PLC0415
    from cosell import clock  # noqa: PLC0415
    from cosell.events.enums import Channel  # noqa: PLC0415
    from cosell.events.models import Delivery, Event  # noqa: PLC0415

    deal, now = _deal(), clock.now()
    sides = (deal.organization_id, deal.invited_from.organization_id if deal.invited_from else None)
    told = list(User.objects.filter(memberships__organization__in=sides).distinct().order_by("pk"))[:4]
    event = Event.objects.filter(deal_id=deal.pk, kind="deal.invited").latest("pk")
    names = ("kind", "at", "actor_id", "organization_id", "deal_id", "visibility", "to_state", "data")
    shared = {name: getattr(event, name) for name in names}
    seq = Event.objects.filter(stream="engagement:bench").count()
    events = Event.objects.bulk_create(
        [
            Event(stream="engagement:bench", seq=seq + number, hash="bench", **shared)
            for number in range(1, count // len(told) + 2)
        ],
        2000,
    )
    Delivery.objects.filter(state="queued").update(state="cancelled")
    pairs = [(event, user) for event in events for user in told][:count]
    Delivery.objects.bulk_create(
        [
            Delivery(
                event=event,
                message="opportunity_received",
                channel=Channel.MAIL,
                user=user,
                address=user.email,
                name=user.full_name,
                language=user.language or "en",
                time_zone=user.time_zone,
                recipient_key=f"user:{user.pk}",
                not_before=now,
                next_try_at=now,
                created_at=now,
            )
            for event, user in pairs
        ],
        2000,
    )


def _send(count: int) -> dict[str, float]:
    """Seconds that the outbox takes for `count` mails, and a bare loop for as many letters."""
    from django.conf import settings  # noqa: PLC0415

    from cosell.events import letters, outbox  # noqa: PLC0415
    from cosell.events.models import Delivery  # noqa: PLC0415

    _fill(count)
    waiting = Delivery.objects.filter(state="queued").with_event()[:SAMPLE]
    posts = [(row.address, letters.mail(row).message().as_bytes(linesep="\r\n")) for row in waiting]
    started, done = time.perf_counter(), 0
    while sent := outbox.send_due():
        done += sent
    ours = time.perf_counter() - started
    assert done == count, (done, count)
    started = time.perf_counter()
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT) as server:
        for number in range(count):
            address, content = posts[number % len(posts)]
            server.sendmail("no-reply@cosell.example", [address], content)
    bare = time.perf_counter() - started
    return {"outbox": ours, "bare": bare, "size": sum(len(content) for _to, content in posts) // len(posts)}


def _wait(count: int) -> list[float]:
    """Seconds from each commit until the worker wrote down that the mail is handed over."""
    from django.db import transaction  # noqa: PLC0415

    from cosell import clock  # noqa: PLC0415
    from cosell.events.enums import Channel, Visibility  # noqa: PLC0415
    from cosell.events.models import Delivery  # noqa: PLC0415
    from cosell.events.record import record  # noqa: PLC0415

    deal = _deal()
    committed: dict[int, datetime] = {}
    for number in range(count):
        with transaction.atomic():
            event = record(
                "deal.invited",
                stream=f"engagement:bench-{number}-{os.getpid()}",
                at=clock.now(),
                visibility=Visibility.ENGAGEMENT,
                organization=deal.organization,
                deal_id=deal.pk,
                to_state="received",
                context=deal,
            )
        committed[event.pk] = clock.now()
        time.sleep(PAUSE)
    mails = Delivery.objects.filter(event__in=committed, channel=Channel.MAIL)
    until = time.monotonic() + START_SECONDS
    while mails.filter(sent_at=None).exists() and time.monotonic() < until:
        time.sleep(0.2)
    late = clock.now()  # for what never left
    return [((sent or late) - committed[pk]).total_seconds() for pk, sent in mails.values_list("event", "sent_at")]


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        _serve(int(sys.argv[2]))
    else:
        import django
        from django.utils import translation

        django.setup()
        with translation.override("en"):
            print(json.dumps({"send": _send, "wait": _wait}[sys.argv[1]](int(sys.argv[2]))))
