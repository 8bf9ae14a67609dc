"""Every run has its own PostgreSQL, Valkey and mail server, on free ports: several runs at once do not meet.

The servers start when this file is imported, before Django reads its settings. Workers of xdist inherit the addresses
from the process that started them, and use databases of their own on the same server.
"""

import atexit
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django
import pytest
from django.utils import translation

from cosell.local import servers, words

os.environ["DJANGO_SETTINGS_MODULE"] = "cosell.settings.test"
if "DATABASE_URL" not in os.environ or "REDIS_URL" not in os.environ:
    _servers = ExitStack()
    os.environ.update(_servers.enter_context(servers.ephemeral()).env)
    os.environ["COSELL_EVIDENCE_DIR"] = _servers.enter_context(TemporaryDirectory(prefix="cosell-evidence-"))
    atexit.register(_servers.close)
    words.compile_all()
    # ended by a signal, we leave through the same door
    signal.signal(signal.SIGTERM, lambda number, frame: pytest.exit("SIGTERM", returncode=128 + signal.SIGTERM))
django.setup()

from django.contrib.auth.signals import user_logged_in  # noqa: E402  after the set-up
from django.contrib.contenttypes.models import ContentType  # noqa: E402
from django.http import HttpRequest  # noqa: E402

from accounts import mfa  # noqa: E402
from tests.events.post_office import PostOffice  # noqa: E402
from tests.oidc.provider import Provider, running  # noqa: E402


def past_the_door(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """`force_login` passes by the door: it is the session of who showed there all that is asked."""
    if not request.method:  # no browser asked for it
        mfa.note_proof(request, user)


user_logged_in.connect(past_the_door)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests that commit clean up by TRUNCATE, which history refuses: here it may be emptied, and still not changed."""
    from cosell.events.testing import allow_truncate  # noqa: PLC0415

    with django_db_blocker.unblock():
        allow_truncate()


@pytest.fixture
def smtp_server(settings: Any) -> Iterator[PostOffice]:
    """A real mail server, which can be told to refuse, stall or hang up."""
    office = PostOffice()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # pytest-django put its own there
    with office.opened():
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", office.port, 2
        yield office


@pytest.fixture
def cast(db: None) -> None:
    """The people, companies and customers of the demo; no deals."""
    from tests import snapshot  # noqa: PLC0415
    from tests.cast import load_cast  # noqa: PLC0415

    snapshot.restore("cast", load_cast)


@pytest.fixture(scope="session")
def oidc_provider() -> Iterator[Provider]:
    """A company's own sign-in, in a process of its own."""
    with TemporaryDirectory(prefix="cosell-oidc-") as folder, running(Path(folder)) as provider:
        yield provider


@pytest.fixture(autouse=True)
def known_by_their_present_ids() -> None:
    """A test that commits leaves an emptied table of content types, which is filled anew with other ids."""
    ContentType.objects.clear_cache()


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """A request leaves its reader's language behind in this thread: each test begins with the same one."""
    with translation.override("en"):
        yield


LONG = ("test_small_screens.py", "test_axe.py", "test_local.py", "test_canary.py")


@pytest.hookimpl(trylast=True)  # after they were shuffled
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: so that at the end no worker waits for another."""
    items.sort(key=lambda item: (item.path.name not in LONG, "browser" not in item.path.parts))
