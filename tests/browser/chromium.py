"""Where is a Chromium? `python -m tests.browser.chromium` installs one if there is none.

Looked for: CHROMIUM=, the PATH, Playwright's own. Installed: by Playwright, else as a system package by root.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find() -> str | None:
    """The path of a Chromium that starts; None if there is none."""
    given = os.environ.get("CHROMIUM")
    if given and not starts(given):
        raise RuntimeError(f"CHROMIUM={given} does not start")
    on_path = (shutil.which(name) for name in NAMES)
    candidates = [given, *on_path]
    return next((path for path in candidates if path and starts(path)), None) or playwrights_own()


def playwrights_own() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() and starts(path) else None


def starts(path: str) -> bool:
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def install() -> str | None:
    """Try each way; the first Chromium that then starts."""
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        ways += [["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]]
    for way in ways:
        print("Trying:", " ".join(way), flush=True)
        try:
            subprocess.run(way, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600)
        except (OSError, subprocess.TimeoutExpired) as error:
            print(error)
        found = find()
        if found:
            return found
    return None


if __name__ == "__main__":
    if not (find() or install()):
        print("No Chromium, and none could be installed: browser tests will be skipped. CHROMIUM=/path/to/one")
        sys.exit(1 if os.environ.get("CI") else 0)
