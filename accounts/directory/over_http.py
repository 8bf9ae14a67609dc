"""A business directory that is asked over HTTP (docs/directory.md has the protocol).

A page waits for it, so everything has an end: one deadline for the whole answer, a limit on its size, a limit on how
often we ask, and a pause after a failure.
"""

from __future__ import annotations

import json
import logging
import queue
import socket
import ssl
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from http.client import HTTPConnection, HTTPException
from io import BufferedReader, RawIOBase
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured

from accounts.directory.entries import DirectoryAnswer, DirectoryEntry, DirectoryQuery, Problem
from cosell import clock

SIZE_LIMIT = 1_000_000  # bytes
ENTRIES = 50
KEEP, PAUSE = 600, 15  # seconds: an answer is kept, a directory that failed is left alone
_PORTS = {"http": 80, "https": 443}

log = logging.getLogger(__name__)


class _Failed(Exception):
    def __init__(self, problem: Problem, detail: object) -> None:
        super().__init__(f"{problem}: {detail}")
        self.problem = problem


@dataclass(frozen=True)
class HttpDirectory:
    """`timeout` in seconds for the whole answer, `rate` in questions a minute of all our processes together."""

    url: str = field(default_factory=lambda: settings.COSELL_DIRECTORY_URL, repr=False)
    key: str = field(default_factory=lambda: settings.COSELL_DIRECTORY_KEY, repr=False)
    timeout: float = field(default_factory=lambda: settings.COSELL_DIRECTORY_TIMEOUT)
    rate: int = field(default_factory=lambda: settings.COSELL_DIRECTORY_RATE)
    name: str = "http"

    def __post_init__(self) -> None:
        """Raises ImproperlyConfigured, never with the value: it may hold a secret."""
        _address(self.url)
        if not (self.key.isascii() and self.key.isprintable()):
            raise ImproperlyConfigured("COSELL_DIRECTORY_KEY holds characters that no header may carry.")

    def find(self, query: DirectoryQuery) -> DirectoryAnswer:
        """Out of the cache, else asked. While the directory is left alone, its last problem."""
        query = query.cleaned()
        if query.is_empty:
            return DirectoryAnswer()
        asked, pause = self._cache_key("answer", *_folded(query)), self._cache_key("pause")
        known = cache.get_many([asked, pause])
        if asked in known:
            return _answer_of(known[asked])
        if pause in known:
            return DirectoryAnswer(problem=known[pause])
        if not self._may_ask():
            return DirectoryAnswer(problem=Problem.BUSY)
        try:
            entries = self._ask(query)
        except _Failed as failed:
            log.warning("The business directory gave no answer: %s", failed)
            if failed.problem == Problem.GARBLED:  # of this question only, and it came in time
                cache.set(asked, {"problem": failed.problem.value}, PAUSE)
            else:
                cache.set(pause, failed.problem.value, PAUSE)
            return DirectoryAnswer(problem=failed.problem)
        cache.set(asked, {"entries": [entry.written() for entry in entries]}, KEEP)
        return DirectoryAnswer(entries)

    def _may_ask(self) -> bool:
        """Take one of this minute's places. `add` is the one operation that every shared cache does as a whole."""
        minute = self._cache_key("minute", str(int(clock.now().timestamp()) // 60))
        taken = cache.get(minute, 0)  # only where to begin: another process may be ahead
        for place in range(taken, self.rate):
            if cache.add(f"{minute}:{place}", 1, 120):
                cache.set(minute, place + 1, 120)
                return True
        return False

    def _ask(self, query: DirectoryQuery) -> tuple[DirectoryEntry, ...]:
        deadline = time.monotonic() + self.timeout
        try:
            body = self._body(query, deadline)
        except TimeoutError as late:
            raise _Failed(Problem.TIMEOUT, f"nothing whole within {self.timeout} s") from late
        except OSError as error:
            raise _Failed(Problem.UNREACHABLE, type(error).__name__) from error
        except (HTTPException, ValueError) as error:
            raise _Failed(Problem.GARBLED, type(error).__name__) from error
        return _entries(body)

    def _body(self, query: DirectoryQuery, deadline: float) -> bytes:
        parts = _address(self.url)
        asked = "&".join(part for part in (parts.query, urlencode(query.parameters())) if part)
        headers = {"Accept": "application/json", "User-Agent": "Cosell"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        connection = HTTPConnection(parts.hostname or "", _port(parts))
        connection.default_port = _PORTS[parts.scheme]
        with closing(_connected(parts, deadline)) as sock:
            connection.sock = _UntilDeadline(sock, deadline)
            connection.request("GET", f"{parts.path or '/'}?{asked}", headers=headers)
            answer = connection.getresponse()
            _check_status(answer.status)
            body = bytearray()
            while chunk := answer.read1(65536):
                body += chunk
                if len(body) > SIZE_LIMIT:
                    raise _Failed(Problem.GARBLED, f"more than {SIZE_LIMIT} bytes")
            return bytes(body)

    def _cache_key(self, *parts: str) -> str:
        return "directory:" + sha256("\0".join((self.url, *parts)).encode()).hexdigest()


def _folded(query: DirectoryQuery) -> list[str]:
    return [value.casefold() for value in query.parameters().values()]


def _answer_of(kept: dict[str, Any]) -> DirectoryAnswer:
    """Read again like an answer from outside, so that what an older release kept does no harm."""
    read = (DirectoryEntry.read(raw) for raw in kept.get("entries", ()))
    return DirectoryAnswer(tuple(entry for entry in read if entry), kept.get("problem", ""))


def _check_status(status: int) -> None:
    """200 is an answer. A redirect is none: the key would go where it leads."""
    if status == 200:
        return
    problem = {401: Problem.REFUSED, 403: Problem.REFUSED, 429: Problem.BUSY}.get(
        status, Problem.UNREACHABLE if status >= 500 else Problem.GARBLED
    )
    raise _Failed(problem, f"status {status}")


def _entries(body: bytes) -> tuple[DirectoryEntry, ...]:
    """Those that can be used. An answer with entries and no usable one is of another protocol."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _Failed(Problem.GARBLED, "no JSON") from error
    listed = said.get("entries") if isinstance(said, dict) else None
    if not isinstance(listed, list):
        raise _Failed(Problem.GARBLED, "no list of entries")
    found: dict[str, DirectoryEntry] = {}
    for raw in listed:
        entry = DirectoryEntry.read(raw)
        if entry and len(found) < ENTRIES:
            found.setdefault(entry.directory_id, entry)
    if listed and not found:
        raise _Failed(Problem.GARBLED, "no usable entry")
    return tuple(found.values())


# the network


def _address(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _PORTS and parts.hostname and not parts.username and _port(parts)
    except ValueError:
        usable = False
    if not usable or not url.isascii() or not url.isprintable() or " " in url:
        raise ImproperlyConfigured("COSELL_DIRECTORY_URL is an http or https address without a user.")
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS[parts.scheme]


def _left(deadline: float) -> float:
    """Seconds until the deadline. Raises TimeoutError when there are none: a socket would take 0 for "do not wait"."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _connected(parts: SplitResult, deadline: float) -> socket.socket:
    host = parts.hostname or ""
    plain = _first_that_connects(_looked_up(host, _port(parts), deadline), deadline)
    if parts.scheme == "http":
        return plain
    try:
        plain.settimeout(_left(deadline))
        return _tls().wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise


@lru_cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()  # it reads all authorities that the system trusts: once is enough


def _looked_up(host: str, port: int, deadline: float) -> list[Any]:
    """The host's addresses. The system's resolver knows no deadline, so a thread of its own waits for it."""
    found: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, ValueError) as error:
            found.put(error)

    threading.Thread(target=look_up, daemon=True, name="directory look-up").start()
    try:
        addresses = found.get(timeout=_left(deadline))
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(addresses, Exception):
        raise OSError("unknown host") from addresses
    return addresses


def _first_that_connects(addresses: list[Any], deadline: float) -> socket.socket:
    error: OSError = OSError("no address")
    for family, kind, protocol, _name, address in addresses:
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(_left(deadline))
            sock.connect(address)
            return sock
        except OSError as failed:
            sock.close()
            error = failed
    raise error


class _UntilDeadline(RawIOBase):
    """A socket as `http.client` uses one, whose every wait ends at the same deadline, however often it reads.

    A time-out of the socket alone would begin anew with each byte of a server that drips. Closing this does not close
    the socket: `http.client` closes its connection and then reads the rest of the answer.
    """

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self.sock, self.deadline = sock, deadline

    def sendall(self, data: bytes) -> None:
        self.sock.settimeout(_left(self.deadline))
        self.sock.sendall(data)

    def makefile(self, mode: str) -> BufferedReader:
        return BufferedReader(_UntilDeadline(self.sock, self.deadline))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.sock.settimeout(_left(self.deadline))
        return self.sock.recv_into(buffer)
