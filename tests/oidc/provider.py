"""The provider of tests/oidc/server.py, started; and a browser's part in the conversation with it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import requests

from cosell.local import processes, servers


class Provider:
    def __init__(self, port: int) -> None:
        self.place = f"127.0.0.1:{port}"
        self.url = f"http://{self.place}"
        self.issuer = f"{self.url}/o"

    def register(self, redirect_uri: str) -> None:
        requests.post(f"{self.url}/register/", {"redirect_uri": redirect_uri}, timeout=10).raise_for_status()

    def answer(self, location: str, who: str) -> str:
        """`who` signs in there, having been sent to `location`: path and query of where they are sent back to."""
        with requests.Session() as browser:
            browser.post(f"{self.url}/login/", {"who": who}, timeout=10).raise_for_status()
            sent = browser.get(location, allow_redirects=False, timeout=10)
        back = urlsplit(sent.headers["Location"])
        return f"{back.path}?{back.query}"

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.issuer}/.well-known/openid-configuration", timeout=5).ok
        except requests.RequestException:
            return False


@contextmanager
def running(folder: Path) -> Iterator[Provider]:
    port = processes.free_port()
    command = [sys.executable, "-W", "ignore", "-m", "tests.oidc.server", folder, str(port)]
    log, provider = folder / "log", Provider(port)
    with log.open("wb") as output:
        process = processes.start(command, cwd=servers.REPO, stdout=output, stderr=output)
    try:
        processes.wait_until(provider.answers, process, "The provider", log, 60)
        yield provider
    finally:
        processes.end(process)
