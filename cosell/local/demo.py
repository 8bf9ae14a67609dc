"""`make demo`: one foreground process that starts everything, watches over it and ends it."""

import fcntl
import importlib
import os
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType

from cosell.local import processes, servers

PYTHON = [sys.executable, "-W", "ignore"]
END_SECONDS = 8
START_SECONDS = 60


class Stopped(BaseException):
    """A signal asked us to end."""


def run(*, reset: bool, wanted_port: int, no_cast: bool) -> None:
    """Start, say where, and stay until a signal or until a part ends, which is an error (RuntimeError)."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    folder = servers.own(servers.place())
    try:
        with _alone(folder), ExitStack() as stack:
            if reset:
                _wipe(folder)
            say("Starting PostgreSQL and Valkey ...")
            running = stack.enter_context(servers.kept(folder))
            ports = _ports(wanted_port)
            env = _environment(folder, running.env, ports)
            _prepare(env, folder, no_cast=no_cast)
            parts = stack.enter_context(_parts(folder, env, ports))
            _wait_for_web(parts["web"], ports, folder)
            _welcome(folder, ports)
            _watch(running.parts | parts, folder)
    except Stopped:
        say("\nStopped. The data is kept; `make demo` starts again, `make demo ARGS=--reset` starts anew.")


def say(line: str) -> None:
    print(line, flush=True)


def _stop(number: int, frame: FrameType | None) -> None:
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)  # ending takes seconds and must not be cut short
    raise Stopped


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One demo at a time on one folder."""
    with (folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RuntimeError(f"the demo is already running on {folder}") from None
        yield


def _wipe(folder: Path) -> None:
    if "DATABASE_URL" in os.environ:
        raise RuntimeError("--reset is for the embedded database; DATABASE_URL names another, empty that one yourself")
    for name in ("postgresql", "mail", "beat"):
        shutil.rmtree(folder / name, ignore_errors=True)


def _ports(wanted: int) -> dict[str, int]:
    ports = {}
    for name, number in (("web", wanted), ("mail page", 8025), ("mail", 1025)):
        ports[name] = processes.free_port(number)
        if ports[name] != number:
            say(f"Port {number} is taken: the {name} is on {ports[name]}.")
    return ports


def _environment(folder: Path, addresses: Mapping[str, str], ports: Mapping[str, int]) -> dict[str, str]:
    """What the parts share; also written to `env`, for a shell beside the demo."""
    key = folder / "secret-key"
    if not key.exists():
        servers.write_private(key, secrets.token_urlsafe(40))
    ours = {
        **addresses,
        "DJANGO_SETTINGS_MODULE": "cosell.settings.local",
        "SECRET_KEY": key.read_text(),
        "COSELL_BASE_URL": f"http://127.0.0.1:{ports['web']}",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(ports["mail"]),
    }
    servers.write_private(folder / "env", "".join(f"{name}={shlex.quote(value)}\n" for name, value in ours.items()))
    return {**os.environ, **ours, "C_FORCE_ROOT": "1", "PYTHONUNBUFFERED": "1"}


def _prepare(env: Mapping[str, str], folder: Path, *, no_cast: bool) -> None:
    say("Preparing the database ...")
    command = [*PYTHON, "manage.py", "prepare", *(["--no-cast"] if no_cast else [])]
    log = folder / "prepare.log"
    with log.open("wb") as output:
        child = processes.start(command, env=env, cwd=servers.REPO, stdout=output, stderr=subprocess.STDOUT)
        try:
            if child.wait() != 0:
                raise RuntimeError(f"the database could not be prepared:\n{processes.tail(log)}")
        finally:
            processes.end(child)


@contextmanager
def _parts(folder: Path, env: Mapping[str, str], ports: Mapping[str, int]) -> Iterator[dict[str, processes.Process]]:
    """Web, worker, beat and mail catcher, each with its log; ended all together."""
    (folder / "beat").mkdir(exist_ok=True)
    celery = ["-m", "celery", "-A", "cosell", "--quiet"]
    commands = {
        "web": [
            "-m",
            "gunicorn",
            "cosell.wsgi",
            "--workers=2",
            "--threads=4",
            "--no-control-socket",
            f"--bind=127.0.0.1:{ports['web']}",
        ],
        "worker": [*celery, "worker", "--concurrency=2", "--loglevel=INFO", "--without-gossip", "--without-mingle"],
        "beat": [*celery, "beat", "--pidfile=", f"--schedule={folder / 'beat' / 'schedule'}"],
        "mail": ["-m", "cosell.local.mail_catcher", str(folder / "mail"), str(ports["mail"]), str(ports["mail page"])],
    }
    parts: dict[str, processes.Process] = {}
    try:
        for name, command in commands.items():
            with (folder / f"{name}.log").open("wb") as output:
                parts[name] = processes.start(
                    [*PYTHON, *command],
                    env=env,
                    cwd=servers.REPO,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
        yield parts
    finally:
        for process in parts.values():
            with suppress(ProcessLookupError):
                process.terminate()
        give_up = time.monotonic() + END_SECONDS
        for process in parts.values():
            processes.end(process, within=max(0.1, give_up - time.monotonic()))


def _wait_for_web(web: processes.Process, ports: Mapping[str, int], folder: Path) -> None:
    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{ports['web']}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    processes.wait_until(answers, web, "The web server", folder / "web.log", START_SECONDS)


def _welcome(folder: Path, ports: Mapping[str, int]) -> None:
    say(f"\n  Cosell     http://127.0.0.1:{ports['web']}/")
    say(f"  Mail       http://127.0.0.1:{ports['mail page']}/   everything that Cosell sends lands here")
    say(f"  Codes      http://127.0.0.1:{ports['mail page']}/codes   for who is asked for a code: their phones")
    say(f"  Data, logs {folder}\n")
    try:
        cast = importlib.import_module("cosell.local.cast")
    except ModuleNotFoundError:
        return
    if cast.SIGN_INS:
        widths = [max(len(str(row[column])) for row in cast.SIGN_INS) for column in range(4)]
        say(f"  Sign in with the password {cast.PASSWORD} as")
        for row in cast.SIGN_INS:
            say("    " + "  ".join(f"{cell!s:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())
    say("\n  Ctrl-C ends it all.")


def _watch(everything: Mapping[str, processes.Process], folder: Path) -> None:
    """Until one ends: alone the others are no demo."""
    while True:
        for name, process in everything.items():
            if process.poll() is not None:
                log = folder / f"{name.lower()}.log"
                raise RuntimeError(f"{name} ended with {process.returncode}:\n{processes.tail(log)}\n(see {log})")
        time.sleep(0.3)
