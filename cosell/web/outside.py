"""Asking a server outside whose address people typed: a chat's, a company's sign-in. Never one of our own network.

Whoever may type an address must not read through us what only we can reach. So a connection itself looks the host up,
refuses unless every address found is a public one, and goes to just these: what a name resolves to a moment later does
not matter. It speaks TLS, follows no redirect, uses no proxy of the environment, and ends: by time and by size.

COSELL_OUTSIDE_ALLOW permits hosts of the operator's own network, "chat.corp.example:8065"; these also without TLS.
"""

import os
import socket
from collections.abc import Callable, Sequence
from functools import partial
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from queue import Empty, Queue
from threading import Thread, Timer
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.utils.translation import gettext as _
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError

CONNECT_SECONDS, READ_SECONDS = 3.0, 5.0
WHOLE_SECONDS = 15.0  # from the first byte to the last: a server that drips never runs into the time-out of a read
MOST_BYTES = 64 * 1024
MOST_ADDRESSES = 4  # of one name that are tried
HTTPS_PORT, FIRST_FREE_PORT = 443, 1024

UNICAST = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")  # the last 32 bits are an IPv4 address

Resolver = Callable[[str, int], Sequence[str]]


class NotOutside(requests.RequestException):
    """The address is none that we connect to; `words` say why."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class NotReached(requests.ConnectionError):
    """No connection came about: nothing was asked."""


class NoSuchHost(NotOutside):
    """Its name resolves to nothing, now."""


def looked_up(host: str, port: int) -> list[str]:
    """The addresses of a host, none when it has none. The system's resolver knows no end: a thread waits for it."""
    found: Queue[list[str]] = Queue()

    def look() -> None:
        try:
            found.put([str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except (OSError, UnicodeError):
            found.put([])

    Thread(target=look, daemon=True).start()
    try:
        return list(dict.fromkeys(found.get(timeout=CONNECT_SECONDS)))
    except Empty:
        return []


def session(resolve: Resolver = looked_up) -> requests.Session:
    """A session that reaches public addresses only. Its calls raise requests.RequestException, NotOutside among them.

    Close it: `with outside.session() as session:`. A redirect is an answer like any other.
    """
    made = _Session()
    made.mount("https://", _Adapter(resolve))
    made.mount("http://", _Adapter(resolve))
    return made


def refusal(url: str, resolve: Resolver = looked_up) -> str | None:
    """Why we would not connect to `url`, in words for a form; None when we would, as its name resolves now."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or "\\" in url:
        return _("This is not an address of the web.")
    if "@" in parts.netloc:
        return _("The address must not hold a name or a password before the host.")
    try:
        _checked(parts.scheme, host, HTTPS_PORT if port is None else port, resolve)
    except NotOutside as refused:
        return refused.words
    return None


def is_public(address: str) -> bool:
    """Does this IP address belong to the internet, and not to a network of ours, whichever way it is written?"""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        return found.is_global and not found.is_multicast
    return _is_public_v6(found)


def _is_public_v6(address: IPv6Address) -> bool:
    """One that holds an IPv4 address leads where that leads."""
    held = address.ipv4_mapped or address.sixtofour
    if address in NAT64:
        held = IPv4Address(int(address) & 0xFFFFFFFF)
    if held is not None:
        return is_public(str(held))
    return address in UNICAST and address.is_global


def _checked(scheme: str, host: str, port: int, resolve: Resolver) -> Sequence[str]:
    """The addresses to connect to. Raises NotOutside."""
    if f"{host.lower().rstrip('.')}:{port}" in settings.COSELL_OUTSIDE_ALLOW:
        addresses = resolve(host, port)
    else:
        if scheme != "https":
            raise NotOutside(_("The address must begin with https://."))
        if port != HTTPS_PORT and port < FIRST_FREE_PORT:
            raise NotOutside(_("Port %(port)d is none for the web.") % {"port": port})
        addresses = resolve(host, port)
        if not all(map(is_public, addresses)):
            raise NotOutside(_("%(host)s is an address within a private network.") % {"host": host})
    if not addresses:
        raise NoSuchHost(_("There is no host called %(host)s.") % {"host": host})
    return addresses[:MOST_ADDRESSES]


class _Session(requests.Session):
    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False  # no proxy, no password file
        # the operator's own certificate authority, by the variable that the library knows
        self.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True

    def get_redirect_target(self, resp: requests.Response) -> None:
        """A redirect is not followed: it could lead anywhere."""


class _Adapter(HTTPAdapter):
    """Connects through `connected` alone, and reads an answer to its end at once, within the limits above."""

    def __init__(self, resolve: Resolver) -> None:
        super().__init__()
        self.resolve = resolve
        self.lines: list[socket.socket] = []

    def get_connection_with_tls_context(self, request: Any, verify: Any, proxies: Any = None, cert: Any = None) -> Any:
        pool = super().get_connection_with_tls_context(request, verify, None, cert)
        pool.ConnectionCls = partial(_Secure if pool.scheme == "https" else _Plain, adapter=self)  # type: ignore[assignment]
        return pool

    def send(self, request: Any, *args: Any, **options: Any) -> requests.Response:
        options |= {"stream": True, "timeout": (CONNECT_SECONDS, READ_SECONDS), "proxies": None}
        watch = Timer(WHOLE_SECONDS, self._cut)
        watch.daemon = True
        watch.start()
        try:
            response = super().send(request, *args, **options)
            try:
                _read(response)
            finally:
                response.close()
            return response
        except HTTPError as error:
            raise requests.ConnectionError(error, request=request) from error
        except requests.ConnectionError as error:
            reason = getattr(error.args[0], "reason", None) if error.args else None
            if isinstance(reason, _Refused):
                raise reason.refusal from None
            if isinstance(reason, NewConnectionError):
                raise NotReached(error, request=request) from error
            raise
        finally:
            watch.cancel()
            for line in self.lines:
                line.close()
            self.lines.clear()
            self.close()  # each call has a connection of its own

    def connected(self, connection: HTTPConnection, scheme: str) -> socket.socket:
        """A socket to the host of `connection`, at an address that was checked just now."""
        try:
            addresses = _checked(scheme, connection.host, int(connection.port), self.resolve)
        except NotOutside as refused:
            raise _Refused(connection, refused) from refused
        error: Exception | None = None
        for address in addresses:
            try:
                line = socket.create_connection((address, connection.port), CONNECT_SECONDS)
            except OSError as failed:
                error = failed
                continue
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.lines.append(line.dup())  # TLS takes the other one over
            return line
        raise NewConnectionError(connection, f"{error}") from error

    def _cut(self) -> None:
        """Time is over: whoever reads or writes there gets an end."""
        for line in list(self.lines):
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # over already


def _read(response: requests.Response) -> None:
    content = response.raw.read(MOST_BYTES + 1, decode_content=True)
    if len(content) > MOST_BYTES:
        raise requests.exceptions.ContentDecodingError(f"The answer is longer than {MOST_BYTES} bytes")
    response._content, response._content_consumed = content, True


class _Refused(NewConnectionError):
    def __init__(self, connection: HTTPConnection, refusal: NotOutside) -> None:
        super().__init__(connection, refusal.words)
        self.refusal = refusal


class _Plain(HTTPConnection):
    def __init__(self, *args: Any, adapter: _Adapter, **options: Any) -> None:
        super().__init__(*args, **options)
        self.adapter = adapter

    def _new_conn(self) -> socket.socket:
        return self.adapter.connected(self, "http")


class _Secure(HTTPSConnection):
    def __init__(self, *args: Any, adapter: _Adapter, **options: Any) -> None:
        super().__init__(*args, **options)
        self.adapter = adapter

    def _new_conn(self) -> socket.socket:
        return self.adapter.connected(self, "https")
