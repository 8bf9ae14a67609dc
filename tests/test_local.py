"""The machine's own servers, the demo and its mail catcher; and what a fresh machine installs from."""

import os
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import psycopg
import pytest

from cosell.local import processes, servers, words

REPO = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.txt", "requirements-local.txt", "requirements-dev.txt")


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.\[\],-]+)==([^\s;]+)", (REPO / lock).read_text(), re.M))


def text_at(url: str, **headers: str) -> str:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
        return str(answer.read().decode())


def soon(condition: object, seconds: float = 10) -> bool:
    give_up = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        if time.monotonic() > give_up:
            return False
        time.sleep(0.05)
    return True


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False


# locks


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_by_hash_and_names_no_registry(lock: str) -> None:
    text = (REPO / lock).read_text()
    assert "://" not in text
    assert "index-url" not in text
    entries = re.split(r"\n(?=\S)", text.strip())
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_the_locks_agree() -> None:
    runtime, local, dev = (pins(lock) for lock in LOCKS)
    assert runtime.items() <= local.items() <= dev.items()


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((REPO / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    wanted = [*project["project"]["dependencies"], *(one for group in groups.values() for one in group)]
    names = {re.split(r"[\[~=<>]", one)[0].lower() for one in wanted}
    assert names - {name.split("[")[0] for name in pins("requirements-dev.txt")} == set()


# processes


def test_a_taken_port_gives_the_next_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wanted = taken.getsockname()[1]
        assert wanted < processes.free_port(wanted) < wanted + 200


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends the children of a killed parent")
def test_a_child_does_not_outlive_a_killed_parent() -> None:
    code = (
        "from cosell.local import processes; p = processes.start(['sleep', '60']); print(p.pid, flush=True); p.wait()"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=REPO, stdout=subprocess.PIPE, text=True) as parent:
        child = int(parent.stdout.readline())  # type: ignore[union-attr]
        assert lives(child)
        parent.kill()
    assert soon(lambda: not lives(child))


def test_a_program_that_dies_at_the_start_says_why(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = processes.start(["sh", "-c", "echo no such thing >&2; exit 3"], stderr=output)
    with pytest.raises(RuntimeError, match="Thing ended with 3:\nno such thing"):
        processes.wait_until(lambda: False, process, "Thing", log, 10)


# servers


def test_a_folder_that_anybody_can_write_is_refused(tmp_path: Path) -> None:
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    with pytest.raises(RuntimeError, match="written by anybody"):
        servers.own(open_to_all)


def test_kept_servers_keep_their_data(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")  # given: ours must not start
    shelter = servers.own(servers.place()) if servers.IS_ROOT else tmp_path_factory.mktemp("kept")
    folder = shelter / f"test with space {os.getpid()}"
    try:
        with servers.kept(folder) as first, psycopg.connect(first.env["DATABASE_URL"], autocommit=True) as connection:
            assert set(first.parts) == {"PostgreSQL"}
            for extension in ("pg_trgm", "unaccent", "btree_gin"):
                connection.execute(f"CREATE EXTENSION {extension}")
            connection.execute("CREATE TABLE kept AS SELECT lower('ÇÃO') AS word")
        with servers.kept(folder) as second, psycopg.connect(second.env["DATABASE_URL"]) as connection:
            assert connection.execute("SELECT word FROM kept").fetchone() == ("ção",)
            password = second.env["DATABASE_URL"].split(":")[2].split("@")[0]
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(second.env["DATABASE_URL"].replace(password, "guessed"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# words


def test_translations_compile_and_only_when_they_changed(tmp_path: Path) -> None:
    folder = tmp_path / "pt_BR" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Deal"\nmsgstr "Negócio"\n'
    )
    assert (words.compile_all(tmp_path), words.compile_all(tmp_path)) == (1, 0)
    assert "Negócio".encode() in (folder / "django.mo").read_bytes()


# the mail catcher


@contextmanager
def catcher(folder: Path) -> Iterator[tuple[int, str]]:
    smtp, http = processes.free_port(), processes.free_port()
    log = folder / "log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "cosell.local.mail_catcher", folder / "mail", smtp, http]
        process = processes.start([str(word) for word in command], cwd=REPO, stderr=output)

    def answers() -> bool:
        try:
            return bool(text_at(f"http://127.0.0.1:{http}/"))
        except urllib.error.URLError:
            return False

    try:
        processes.wait_until(answers, process, "The mail catcher", log, 30)
        yield smtp, f"http://127.0.0.1:{http}"
    finally:
        processes.end(process)


def test_the_mail_catcher_shows_what_was_sent(tmp_path: Path) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "no-reply@cosell.example", "Júlia <j@contoso.example>", "R&D <b>"
    letter.set_content("Open it here: https://cosell.example/deals/1/?a=1&b=2")
    letter.add_alternative("<p>Open <b>it</b></p><script>1</script>", subtype="html")
    with catcher(tmp_path) as (smtp, url):
        with smtplib.SMTP("127.0.0.1", smtp) as server:
            server.send_message(letter)
        listing = text_at(url)
        assert "Júlia &lt;j@contoso.example&gt;" in listing
        name = re.search(r"href='/(\d+)'>R&amp;D &lt;b&gt;<", listing)[1]  # type: ignore[index]
        assert "href='https://cosell.example/deals/1/?a=1&amp;b=2'" in text_at(f"{url}/{name}")
        with urllib.request.urlopen(f"{url}/{name}/html") as answer:
            assert b"<b>it</b>" in answer.read()
            assert "sandbox" in answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "R&amp;D" in text_at(f"{url}/?to=j@contoso.example")
        assert "No mail yet" in text_at(f"{url}/?to=somebody@else.example")
        for path, headers in (("/1", {}), ("/../log", {}), ("/", {"Host": "elsewhere.example"})):
            with pytest.raises(urllib.error.HTTPError):
                text_at(url + path, **headers)


# the demo


@pytest.fixture
def empty_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Beside the tests' own, on the same server."""
    url, name = os.environ["DATABASE_URL"], f"demo_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield url.rpartition("/")[0] + f"/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def demo(folder: Path, database_url: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    log = folder.with_suffix(".out")
    env = {**os.environ, "COSELL_LOCAL": str(folder), "DATABASE_URL": database_url}
    env["DJANGO_SETTINGS_MODULE"] = "cosell.settings.local"
    with log.open("wb") as output:
        command = [sys.executable, "manage.py", "demo", *arguments]
        process = processes.start(command, cwd=REPO, env=env, stdout=output, stderr=output)
    try:
        yield process, log
    finally:
        processes.end(process, within=30)


def children(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if line.split()[1] == str(pid)]


def test_the_demo_starts_answers_and_leaves_nothing_behind(tmp_path: Path, empty_database: str) -> None:
    with demo(tmp_path / "demo", empty_database, f"--port={processes.free_port()}") as (process, log):
        assert soon(lambda: "Ctrl-C" in log.read_text() or process.poll() is not None, 120)
        said = log.read_text()
        url = re.search(r"Cosell +(\S+)", said)[1]  # type: ignore[index]
        assert 'type="password"' in text_at(url)
        assert "@contoso.example" in said
        assert (tmp_path / "demo" / "env").stat().st_mode & 0o077 == 0
        with demo(tmp_path / "demo", empty_database) as (second, log_of_second):
            assert second.wait(60) != 0
            assert "already running" in log_of_second.read_text()
        parts = children(process.pid)
        assert len(parts) == 4
        everybody = [*parts, *(worker for part in parts for worker in children(part))]
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert not [pid for pid in everybody if lives(pid)]


def test_the_demo_ends_when_a_part_dies(tmp_path: Path, empty_database: str) -> None:
    with demo(tmp_path / "demo", empty_database, "--no-cast", f"--port={processes.free_port()}") as (process, log):
        assert soon(lambda: "Ctrl-C" in log.read_text() or process.poll() is not None, 120)
        os.kill(children(process.pid)[-1], signal.SIGKILL)
        assert process.wait(30) != 0
        assert "mail ended with -9" in log.read_text()


def test_the_demo_never_empties_a_database_that_was_given(tmp_path: Path, empty_database: str) -> None:
    with demo(tmp_path / "demo", empty_database, "--reset") as (process, log):
        assert process.wait(60) != 0
        assert "--reset is for the embedded database" in log.read_text()
