"""Child processes that never outlive us."""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

Process = subprocess.Popen[bytes]
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def free_port(wanted: int = 0) -> int:
    """`wanted`, if nobody listens there, else the next free one after it; 0 for any."""
    for port in range(wanted, wanted + 200) if wanted else (0,):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
    raise RuntimeError(f"no free port between {wanted} and {wanted + 200}")


def start(
    command: Sequence[str | Path],
    *,
    end_by: signal.Signals = signal.SIGTERM,
    env: Mapping[str, str] | None = None,
    owner: int | None = None,
    **options: Any,
) -> Process:
    """Start `command` in a process group of its own, as `owner` (a user's number) if given.

    Its own group, because a Ctrl-C in the terminal must reach us alone: we end the children in order. If we are
    killed without a chance to do so, Linux sends the child `end_by`.
    """

    def die_with_parent() -> None:
        if _libc:
            _libc.prctl(PR_SET_PDEATHSIG, end_by)

    return subprocess.Popen(
        [str(part) for part in command],
        env=dict(env) if env is not None else None,
        start_new_session=True,
        preexec_fn=die_with_parent,  # runs one prepared system call, takes no lock
        **dropped_to(owner),
        **options,
    )


def dropped_to(owner: int | None) -> dict[str, Any]:
    """Options of subprocess that give up root for `owner`."""
    return {} if owner is None else {"user": owner, "group": owner_group(owner), "extra_groups": []}


def owner_group(owner: int) -> int:
    return pwd.getpwuid(owner).pw_gid


def end(process: Process, by: signal.Signals = signal.SIGTERM, within: float = 10) -> None:
    """End a process by `by`, then whatever is left of its group."""
    if process.poll() is None:
        process.send_signal(by)
        with suppress(subprocess.TimeoutExpired):
            process.wait(within)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(within)


def wait_until(ready: Callable[[], bool], process: Process, name: str, log: Path, seconds: float) -> None:
    """Return as soon as `ready()`; raise with the end of `log` when the process dies or takes too long."""
    give_up = time.monotonic() + seconds
    while not ready():
        ended = process.poll()
        if ended is not None or time.monotonic() > give_up:
            why = f"ended with {ended}" if ended is not None else f"gave no answer within {seconds:.0f} s"
            end(process)
            raise RuntimeError(f"{name} {why}:\n{tail(log)}")
        time.sleep(0.02)


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log file."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""


def copy_once(sources: Iterable[Path], target: Path) -> None:
    """Copy folders into a new one; of two processes that do so at once, one wins and both go on."""
    if target.exists():
        return
    own = target.with_name(f"{target.name}.{os.getpid()}")
    for source in sources:
        if source.exists():
            shutil.copytree(
                source, own / source.name, symlinks=True, ignore=shutil.ignore_patterns("include", "*.py*")
            )
    try:
        own.rename(target)
    except OSError:
        shutil.rmtree(own)
