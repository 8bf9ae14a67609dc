"""An address that people type leads outside, never into our own network."""

import shutil
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from cosell.web import outside
from tests.loopback import Handler, Loopback

PUBLIC, INSIDE = "93.184.216.34", "10.0.0.1"


def resolver(*addresses: str) -> outside.Resolver:
    return lambda host, port: addresses


@pytest.mark.parametrize(
    "address",
    [
        *("10.0.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.168.1.1", "100.64.0.1", "0.0.0.0"),  # noqa: S104
        *("224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1", "fec0::1"),
        *("::ffff:10.0.0.1", "::ffff:7f00:1", "::10.0.0.1", "::127.0.0.1"),
        *("2002:0a00:0001::1", "64:ff9b::10.0.0.1", "64:ff9b:1::10.0.0.1", "2001:0:a00:1::1"),
        *("", "nonsense", "127.1"),
    ],
)
def test_addresses_within(address: str) -> None:
    assert not outside.is_public(address)


@pytest.mark.parametrize(
    "address", [PUBLIC, "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8", "2002:0808:0808::1", "64:ff9b::8.8.8.8"]
)
def test_addresses_without(address: str) -> None:
    assert outside.is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *("https://127.0.0.1/x", "https://127.1/x", "https://0x7f.1/", "https://2130706433/", "https://0177.0.0.1/"),
        *("https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::a00:1]/", "https://[fe80::1%25lo]/"),
        *(
            "https://169.254.169.254/latest/meta-data/",
            "https://localhost/",
            "https://localhost./",
            "https://LOCALHOST",
        ),
        *("http://8.8.8.8/", "ftp://8.8.8.8/", "file:///etc/passwd", "//8.8.8.8/", "8.8.8.8", "", "https:///x"),
        *("https://8.8.8.8@127.0.0.1/", "https://ana:secret@8.8.8.8/", "https://8.8.8.8\\@127.0.0.1/"),
        *("https://8.8.8.8:22/", "https://8.8.8.8:25/", "https://8.8.8.8:0/", "https://8.8.8.8:99999/"),
        *("https://[/", "https://8.8.8.8:port/", "https://nobody.invalid/", "https://.example/", "https://a..b/"),
    ],
)
def test_refused_in_words(url: str) -> None:
    """By the system's own resolver, which reads 0x7f.1 as an address."""
    assert outside.refusal(url)
    with outside.session() as session, pytest.raises(requests.RequestException):
        session.post(url, json={}, timeout=1)


@pytest.mark.parametrize("url", ["https://8.8.8.8/x", "https://8.8.8.8:8443/", "https://[2606:2800:220:1::1]/"])
def test_public_ones_are_fine(url: str) -> None:
    assert outside.refusal(url) is None


@pytest.mark.parametrize("addresses", [(INSIDE,), (PUBLIC, INSIDE), ("::ffff:10.0.0.1",), ()])
def test_every_address_of_a_name_counts(addresses: tuple[str, ...]) -> None:
    assert outside.refusal("https://chat.example/hook", resolver(*addresses))
    with outside.session(resolver(*addresses)) as session, pytest.raises(outside.NotOutside):
        session.get("https://chat.example/hook")


class _Handler(Handler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.owner.asked.append((self.path, self.headers["Host"]))
        kind = self.path.strip("/")
        if kind == "redirect":
            self.answer(b"", 302, Location=f"{self.server.owner.url}landed")
        elif kind == "long":
            self.answer(b"x" * (outside.MOST_BYTES + 1))
        elif kind == "drip":
            self.drip()
        else:
            self.answer(b'{"ok": true}')

    def drip(self) -> None:
        try:
            while not self.server.owner.closing.wait(0.05):
                self.wfile.write(b"H")
                self.wfile.flush()
        except OSError:
            return


class Server(Loopback):
    handler = _Handler

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str]] = []


@pytest.fixture
def server(settings: Any) -> Any:
    with Server().opened() as server:
        settings.COSELL_OUTSIDE_ALLOW = frozenset({f"127.0.0.1:{server.port}", f"chat.corp.example:{server.port}"})
        yield server


def test_a_host_that_the_operator_permits(server: Server, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert outside.refusal(server.url) is None
    with outside.session() as session:
        assert session.get(server.url).json() == {"ok": True}
        assert session.get(f"{server.url}redirect").status_code == 302
        assert [path for path, _host in server.asked] == ["/", "/redirect"]
        with pytest.raises(requests.RequestException, match="longer"):
            session.get(f"{server.url}long")
    settings.COSELL_OUTSIDE_ALLOW = frozenset()
    assert outside.refusal(server.url)


def test_the_address_that_was_checked_is_the_one_that_is_asked(server: Server) -> None:
    """One look-up for each connection; the server hears the name that was typed."""
    looked_up = []

    def resolve(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.1"]

    with outside.session(resolve) as session:
        session.get(f"http://chat.corp.example:{server.port}/")
        session.get(f"http://chat.corp.example:{server.port}/")
    assert looked_up == ["chat.corp.example"] * 2
    assert {host for _path, host in server.asked} == {f"chat.corp.example:{server.port}"}


def test_a_server_that_drips_comes_to_an_end(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "WHOLE_SECONDS", 0.3)
    start, before = time.monotonic(), threading.active_count()
    with outside.session() as session, pytest.raises(requests.RequestException):
        session.get(f"{server.url}drip")
    assert time.monotonic() - start < 3
    assert threading.active_count() <= before + 2  # the server's own


def test_a_server_that_is_gone_was_asked_nothing(settings: Any) -> None:
    settings.COSELL_OUTSIDE_ALLOW = frozenset({"127.0.0.1:1"})
    with outside.session() as session, pytest.raises(outside.NotReached):
        session.get("http://127.0.0.1:1/")


@pytest.mark.skipif(not shutil.which("openssl"), reason="it makes the certificate")
def test_the_certificate_is_that_of_the_name(tmp_path: Path, settings: Any) -> None:
    """Though we connect to an address, and only to one that is trusted."""
    pem, name = tmp_path / "both.pem", "chat.corp.example"
    made = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=x -addext subjectAltName=DNS:{name}"
    subprocess.run([*made.split(), "-keyout", pem, "-out", tmp_path / "cert.pem"], check=True, capture_output=True)
    pem.write_text(pem.read_text() + (tmp_path / "cert.pem").read_text())
    with Server().opened(pem) as server, outside.session(resolver("127.0.0.1")) as session:
        settings.COSELL_OUTSIDE_ALLOW = frozenset({f"{host}:{server.port}" for host in (name, "other.corp.example")})
        with pytest.raises(requests.exceptions.SSLError):
            session.get(f"https://{name}:{server.port}/")
        session.verify = str(tmp_path / "cert.pem")
        assert session.get(f"https://{name}:{server.port}/").json() == {"ok": True}
        with pytest.raises(requests.exceptions.SSLError):
            session.get(f"https://other.corp.example:{server.port}/")
    assert [host for _path, host in server.asked] == [f"{name}:{server.port}"]
