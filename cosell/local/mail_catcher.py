"""Takes every mail of the demo and shows it on a page, and the codes of the cast. Nothing leaves the machine.

`python -m cosell.local.mail_catcher <folder> <SMTP port> <HTTP port>`
"""

import re
import signal
import sys
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType
from urllib.parse import parse_qs, quote, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from cosell.local import second_factors

SHOWN = 200
CODES_LINK = "<p><a href='/codes'>Codes of the cast's second factors</a></p>"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; base-uri 'none'"
LETTER_POLICY = POLICY + "; sandbox allow-popups allow-popups-to-escape-sandbox"  # a mail runs nothing
STYLE = """
:root{color-scheme:light dark;
--line:color-mix(in srgb,currentColor 18%,transparent);--link:light-dark(#0f6cbd,#62abf5)}
body{font:15px/1.5 "Segoe UI",system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}
h1{font-size:1.4rem;font-weight:600} a{color:var(--link)} table{border-collapse:collapse;width:100%}
td,th{border-bottom:1px solid var(--line);padding:.5rem .75rem .5rem 0;text-align:left;vertical-align:top}
th{font-weight:600} td:first-child{white-space:nowrap} .muted{opacity:.7}
iframe{background:#fff;border:1px solid var(--line);border-radius:6px;height:70vh;width:100%}
pre{background:color-mix(in srgb,currentColor 6%,transparent);border-radius:6px;overflow-wrap:anywhere;padding:1rem;
white-space:pre-wrap}
"""


class Box:
    """Mails as files, the newest first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        path = self.folder / f"{time.time_ns()}.eml"
        path.write_bytes(envelope.original_content or b"")
        return "250 taken"

    def names(self) -> list[str]:
        return sorted((path.stem for path in self.folder.glob("*.eml")), reverse=True)

    def get(self, name: str) -> EmailMessage | None:
        path = self.folder / f"{name}.eml"
        if not name.isdigit() or not path.exists():
            return None
        return message_from_bytes(path.read_bytes(), policy=policy.default)


class Pages(BaseHTTPRequestHandler):
    box: Box

    def do_GET(self) -> None:
        if (self.headers.get("Host") or "").split(":")[0] not in ("127.0.0.1", "localhost"):
            return self.answer("Not here", status=421)  # a page elsewhere that gave our address its name
        where = urlsplit(self.path)
        if where.path == "/codes":
            return self.answer(codes(time.time()))
        match = re.fullmatch(r"/(\d+)(/html)?", where.path)
        if where.path == "/":
            return self.answer(self.listing(parse_qs(where.query).get("to", [""])[0]))
        letter = self.box.get(match[1]) if match else None
        if match is None or letter is None:
            return self.answer(page("No such mail", "<p><a href='/'>All mail</a></p>"), status=404)
        if match[2]:
            return self.answer(body(letter, "html"), rules=LETTER_POLICY)
        return self.answer(self.letter(match[1], letter))

    def listing(self, to: str) -> str:
        rows = []
        for name in self.box.names()[:SHOWN]:
            letter = self.box.get(name)
            if letter and to.lower() in str(letter["To"]).lower():
                address = quote(",".join(a.addr_spec for a in getattr(letter["To"], "addresses", ())))
                rows.append(
                    f"<tr><td>{when(name)}<td><a href='/?to={address}'>{escape(str(letter['To']))}</a>"
                    f"<td><a href='/{name}'>{escape(str(letter['Subject']) or '(no subject)')}</a>"
                )
        shown = f"<p>To {escape(to)} · <a href='/'>All mail</a></p>" if to else ""
        table = f"<table><tr><th>Time<th>To<th>Subject{''.join(rows)}</table>"
        empty = "<p class=muted>No mail yet. Whatever Cosell sends appears here within seconds.</p>"
        return page("Mail", CODES_LINK + shown + (table if rows else empty), refresh=True)

    def letter(self, name: str, letter: EmailMessage) -> str:
        facts = "".join(f"<tr><th>{key}<td>{escape(str(letter[key] or ''))}" for key in ("From", "To", "Date"))
        shown = (
            f"<h2>As HTML</h2><iframe src='/{name}/html' title='The mail'></iframe>" if body(letter, "html") else ""
        )
        text = re.sub(r"https?://[^\s<>]+", r"<a href='\g<0>'>\g<0></a>", escape(body(letter, "plain"), quote=True))
        subject = str(letter["Subject"]) or "(no subject)"
        back = "<p><a href='/'>All mail</a></p>"
        return page(subject, f"{back}<table>{facts}</table><h2>As text</h2><pre>{text}</pre>{shown}")

    def answer(self, text: str, *, status: int = 200, rules: str = POLICY) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", rules)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


def codes(now: float) -> str:
    """What the apps on the cast's phones show now."""
    rows = "".join(
        f"<tr><td>{escape(who)}<td><b>{second_factors.code(secret, now)}</b>"
        for who, secret in second_factors.SECRETS.items()
    )
    left = second_factors.PERIOD - int(now) % second_factors.PERIOD
    lead = f"<p><a href='/'>All mail</a> · each code holds once; the next ones come in {left} seconds</p>"
    return page("Codes", f"{lead}<table><tr><th>Who signs in<th>Code{rows}</table>", refresh=True)


def page(title: str, content: str, *, refresh: bool = False) -> str:
    again = "<meta http-equiv='refresh' content='5'>" if refresh else ""
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>{again}"
        f"<title>{escape(title)} · Cosell mail</title><style>{STYLE}</style><h1>{escape(title)}</h1>{content}</html>"
    )


def body(letter: EmailMessage, kind: str) -> str:
    part = letter.get_body((kind,))
    return str(part.get_content()) if part else ""


def when(name: str) -> str:
    return time.strftime("%d %b %H:%M:%S", time.localtime(int(name) / 1e9))


def main(folder: str, smtp_port: str, http_port: str) -> None:
    Pages.box = Box(Path(folder))
    mail = Controller(Pages.box, hostname="127.0.0.1", port=int(smtp_port), ready_timeout=30)
    mail.start()
    pages = ThreadingHTTPServer(("127.0.0.1", int(http_port)), Pages)
    pages.daemon_threads = True
    signal.signal(signal.SIGTERM, leave)
    try:
        pages.serve_forever()
    finally:
        pages.server_close()
        mail.stop()


def leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit


if __name__ == "__main__":
    main(*sys.argv[1:])
