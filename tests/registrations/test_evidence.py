"""Files that show the contract: what is taken, where it lies, who gets it, and how an upload goes on after a fault."""

from __future__ import annotations

import io
import json
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cosell import clock
from cosell.events.models import Event
from cosell.web.reasons import Reason, Refused
from deals.enums import RegistrationState, Stage
from deals.models import Deal
from registrations.actions import evidence as actions
from registrations.enums import FileKind, ProgramCode, Scan
from registrations.evidence import checks, kinds, names, of, scan, storage, visible_to
from registrations.models import MAX_BYTES, MAX_FILES, Evidence, Registration
from tests.cast import client_for, new_deal, who
from tests.registrations.files import JPEG, MIB, OLD_WORD, PDF, PNG, WEBP, office

# ---------------------------------------------------------------------------------------------------- pure

TAKEN = [
    (PDF, FileKind.PDF),
    (PNG, FileKind.PNG),
    (JPEG, FileKind.JPEG),
    (WEBP, FileKind.WEBP),
    (office("word"), FileKind.DOCX),
    (office("xl"), FileKind.XLSX),
    (office("ppt"), FileKind.PPTX),
]
NOT_TAKEN = {
    "empty": (b"", "empty_file"),
    "a program": (b"MZ" + b"\0" * 200, "not_accepted"),
    "a page": (b"<html><script>alert(1)</script></html>", "not_accepted"),
    "text": (b"We have a contract.", "not_accepted"),
    "a PDF behind something else": (b"<html>" + PDF, "not_accepted"),
    "a PDF cut off": (PDF[:-8] + b" " * 3000, "broken_pdf"),
    "old or with a password": (OLD_WORD, "old_office"),
    "an archive of nothing": (b"PK\x03\x04" + b"\0" * 60, "broken_office"),
    "an archive of others": (office("word", main="text/plain"), "broken_office"),
    "two kinds in one": (
        office(
            "word",
            main=" ".join(
                f"application/vnd.openxmlformats-officedocument.{each}.main+xml"
                for each in ("wordprocessingml.document", "spreadsheetml.sheet")
            ),
            xl__b=b"",
        ),
        "broken_office",
    ),
    "macros": (office(**{"word__vbaProject.bin": b"\xd0\xcf"}), "macros"),
    "macros by another name": (
        office("word", main="application/vnd.ms-word.document.macroEnabled.main+xml"),
        "macros",
    ),
    "old macros": (office("xl", **{"xl__macrosheets__sheet1.xml": b""}), "macros"),
    "a bomb": (office(word__media=b"\0" * (30 * MIB)), "too_large_unpacked"),
    "thousands of entries": (office(**{f"word__{number}": b"" for number in range(5001)}), "too_large_unpacked"),
    "a directory that lies about its length": (
        office()[:-22] + b"PK\5\6" + b"\0" * 6 + b"\x01\0" + (3 * MIB).to_bytes(4, "little") + b"\0" * 6,
        "too_large_unpacked",
    ),
}


@pytest.mark.parametrize(("content", "kind"), TAKEN, ids=[kind for _, kind in TAKEN])
def test_kinds_by_content(content: bytes, kind: FileKind) -> None:
    assert kinds.kind_of(io.BytesIO(content)) == kind


@pytest.mark.parametrize(("content", "code"), NOT_TAKEN.values(), ids=NOT_TAKEN.keys())
def test_refused_by_content(content: bytes, code: str) -> None:
    reason = kinds.kind_of(io.BytesIO(content))
    assert isinstance(reason, Reason), reason
    assert (reason.code, reason.field) == (code, "evidence")
    assert reason.text
    assert reason.fix


@pytest.mark.parametrize(
    ("raw", "kind", "name"),
    [
        ("../../etc/Vertrag.pdf", FileKind.PDF, "Vertrag.pdf"),
        ("C:\\Users\\ana\\contrato assinado.PDF", FileKind.PDF, "contrato assinado.PDF"),
        ("..", FileKind.PDF, "file.pdf"),
        (" a\x00\r\n\tb .pdf", FileKind.PDF, "a b .pdf"),
        ("invoice\u202efdp.exe", FileKind.PDF, "invoicefdp.exe.pdf"),
        ("scan.docx", FileKind.PDF, "scan.pdf"),
        ("photo.jpeg", FileKind.JPEG, "photo.jpeg"),
        ("契約書 2026.pdf", FileKind.PDF, "契約書 2026.pdf"),
        ("قرارداد\u200cها.pdf", FileKind.PDF, "قرارداد\u200cها.pdf"),
        ("e\u0301.png", FileKind.PNG, "é.png"),
        ("v1.2", FileKind.DOCX, "v1.2.docx"),
        ("n" * 300 + ".pdf", FileKind.PDF, "n" * 196 + ".pdf"),
        ("n" * 300, FileKind.DOCX, "n" * 195 + ".docx"),
    ],
)
def test_names(raw: str, kind: FileKind, name: str) -> None:
    assert names.with_suffix(names.clean(raw), kind) == name


def test_the_scan_is_a_command(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = tmp_path / "a file"
    held.write_bytes(PDF)
    said = [scan.scan(held)]
    script = tmp_path / "scan"
    for lines in ('grep -q PDF "$2" && [ "$1" = --fast ]', "exit 1", "exit 2", "sleep 30 & wait"):
        script.write_text(f"#!/bin/sh\n{lines}\n")
        script.chmod(0o700)
        settings.COSELL_SCAN_COMMAND = f"{script} --fast"
        monkeypatch.setattr(scan, "TIMEOUT", 0.2 if "sleep" in lines else 30)
        said.append(scan.scan(held))
    settings.COSELL_SCAN_COMMAND = str(tmp_path / "nothing")
    said.append(scan.scan(held))
    assert said[:2] == [Scan.OFF, Scan.CLEAN]
    assert [each.code for each in said[2:] if isinstance(each, Reason)] == ["infected", *["not_scanned"] * 3]


def test_the_folder_is_no_web_root(settings: Any) -> None:
    assert checks.evidence_is_private() == []
    for wrong in (Path(settings.STATIC_ROOT) / "files", settings.STATICFILES_DIRS[0], settings.BASE_DIR):
        settings.COSELL_EVIDENCE_DIR = wrong
        assert [each.id for each in checks.evidence_is_private()] == ["registrations.E001"]


# ---------------------------------------------------------------------------------------------------- on a deal


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.COSELL_EVIDENCE_DIR = tmp_path / "evidence"
    return tmp_path / "evidence"


@pytest.fixture
def won(cast: None, folder: Path) -> Iterator[Deal]:
    """Ana's deal, won; no registration yet."""
    deal = new_deal("ana")
    Deal.objects.filter(pk=deal.pk).update(stage=Stage.WON, closed_at=clock.now())
    return Deal.objects.get(pk=deal.pk)


def add(deal: Deal, content: bytes = PDF, name: str = "contract.pdf", by: str = "ana") -> Evidence:
    return actions.add_file(who(by), deal.pk, ProgramCode.AZURE_IP, SimpleUploadedFile(name, content))


def refusal(deal: Deal, content: bytes, name: str = "contract.pdf", by: str = "ana") -> tuple[int, list[str]]:
    with pytest.raises(Refused) as no:
        add(deal, content, name, by)
    return no.value.status, [reason.code for reason in no.value.reasons]


def put(registration: Registration, state: RegistrationState) -> None:
    """Into a state that needs no submission: what was claimed is not what these tests are about."""
    sent = {
        "number": 1,
        "submitted_at": clock.now(),
        "attested_at": clock.now(),
        "contract_value": 1,
        "signed_on": clock.now().date(),
        "starts_on": clock.now().date(),
        "annual_usd": 1,
    }
    Registration.objects.filter(pk=registration.pk).update(state=state, **sent)


def test_taken_kept_private_and_removed(won: Deal, folder: Path, django_capture_on_commit_callbacks: Any) -> None:
    kept = add(won, office(), "../../Vertrag.pdf")
    assert (kept.name, kept.kind, kept.scan, kept.received) == ("Vertrag.docx", "docx", "off", kept.size)
    path = storage.path_of(kept.uid)
    assert path.read_bytes() == office()
    assert storage.digest(path) == kept.sha256
    assert [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent, folder)] == [0o600, 0o700, 0o700]
    assert refusal(won, office(), "another name.docx") == (422, ["same_file"])
    registration = kept.registration
    assert of(registration) == [kept]
    event = Event.objects.get(kind="registration.evidence_added")
    assert (event.visibility, event.details.get().value) == ("organization", "Vertrag.docx")
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove_file(who("ana"), kept.pk)
    assert of(registration) == []
    assert not path.exists()
    add(won, office())


def test_what_is_refused_leaves_nothing(
    won: Deal, folder: Path, settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assert refusal(won, b"") == (422, ["empty_file"])
        assert refusal(won, PDF + bytes(MAX_BYTES)) == (422, ["too_large"])
        assert refusal(won, b"MZ" + bytes(200)) == (422, ["not_accepted"])
        script = tmp_path / "scan"
        script.write_text("#!/bin/sh\nexit 1\n")
        script.chmod(0o700)
        settings.COSELL_SCAN_COMMAND = str(script)
        assert refusal(won, PDF) == (422, ["infected"])
        assert refusal(won, PDF, by="vera") == (403, ["read_only"])
        settings.COSELL_SCAN_COMMAND = ""
        Evidence.objects.bulk_create(
            Evidence(
                registration=won.registration,
                name=f"{each}",
                size=1,
                received=1,
                sha256=f"{each}",
                kind="pdf",
                scan="off",
                by=who("ana").user,
                at=clock.now(),
            )
            for each in range(MAX_FILES)
        )
        assert refusal(won, PDF) == (422, ["too_many_files"])
    assert not Evidence.objects.filter(sha256="").exists()
    assert list(folder.glob("*/*")) == []


def test_not_before_the_deal_is_won(cast: None, folder: Path) -> None:
    assert refusal(new_deal("ana"), PDF) == (409, ["not_won"])


def test_by_state(won: Deal) -> None:
    first = add(won)
    registration = first.registration
    put(registration, RegistrationState.REVIEW_PENDING)
    Evidence.objects.update(number=1)
    later = add(won, PNG, "stamp.png")
    assert Event.objects.filter(kind="registration.evidence_added").latest("seq").visibility == "host"
    with pytest.raises(Refused) as no:
        actions.remove_file(who("ana"), first.pk)
    assert no.value.reasons[0].code == "sent"
    noor = who("noor")
    assert list(visible_to(noor)) == [first, later]
    put(registration, RegistrationState.ACTION_REQUIRED)
    assert list(visible_to(noor)) == [first]  # what is collected to be sent again is the partner's own
    actions.remove_file(who("ana"), first.pk)
    assert storage.path_of(first.uid).exists()  # a reviewer decided with it
    put(registration, RegistrationState.REVIEW_PASSED)
    assert refusal(won, JPEG)[0] == 409


# ---------------------------------------------------------------------------------------------------- over HTTP


def start(client: Client, deal: Deal, size: int, name: str = "contract.pdf") -> Any:
    answer = client.post(reverse("registrations:evidence_start", args=[deal.uid]), {"name": name, "size": size})
    return json.loads(answer.content)


def send(client: Client, url: str, offset: int, data: bytes) -> tuple[int, Any]:
    answer = client.post(f"{url}?offset={offset}", data, content_type="application/octet-stream")
    is_json = answer["Content-Type"] == "application/json"
    return answer.status_code, json.loads(answer.content) if is_json else {}


def test_in_parts(won: Deal) -> None:
    client, whole = client_for("ana"), PDF[:9] + b"%" * MIB + PDF[9:]
    url = start(client, won, len(whole))["url"]
    assert send(client, url, 0, whole[:MIB])[1]["received"] == MIB
    for wrong in (0, MIB - 1, len(whole)):
        assert send(client, url, wrong, b"x") == (409, {"received": MIB})
    assert send(client, url, MIB, whole[MIB:] + b"x")[0] == 409  # more than it said
    assert send(client, url, MIB, bytes(MIB + 1))[0] == 400
    assert send(client_for("julia"), url, MIB, whole[MIB:])[0] == 404
    assert not visible_to(who("ana")).exists()
    # what an interrupted request left behind the last whole part is written over
    row = Evidence.objects.get()
    with storage.where(row.uid).open("ab") as file:
        file.write(b"half a part")
    expected = (200, {"received": len(whole), "whole": True, "name": "contract.pdf"})
    assert send(client, url, MIB, whole[MIB:]) == expected
    assert send(client, url, MIB, whole[MIB:]) == expected  # its answer was lost
    assert storage.path_of(row.uid).read_bytes() == whole


def test_the_last_part_judges(won: Deal) -> None:
    client = client_for("ana")
    assert start(client, won, 0)["codes"] == ["empty_file"]
    assert start(client, won, MAX_BYTES + 1)["codes"] == ["too_large"]
    url = start(client, won, 8, "lie.pdf")["url"]
    status, said = send(client, url, 0, b"MZ\0\0\0\0\0\0")
    assert (status, said["codes"]) == (422, ["not_accepted"])
    assert send(client, url, 0, b"MZ\0\0\0\0\0\0")[0] == 404
    url = start(client, won, 8)["url"]
    again = start(client, won, 8)["url"]  # another try of the same file takes its place
    assert (send(client, url, 0, b"")[0], send(client, again, 0, b"")[0]) == (404, 200)


def test_unfinished_uploads_go_after_a_day(won: Deal, folder: Path, django_capture_on_commit_callbacks: Any) -> None:
    add(won)
    client = client_for("ana")
    url = start(client, won, 10)["url"]
    send(client, url, 0, b"12345")
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.clean_uploads() == 0
        with clock.moved_by(timedelta(days=1, seconds=5)):
            assert actions.clean_uploads()
    assert [path.suffix for path in folder.glob("*/*")] == [""]
    Evidence.objects.all().delete()
    with clock.moved_by(timedelta(days=1, seconds=5)):
        assert actions.clean_uploads(), "bytes that no row knows of"
    assert list(folder.glob("*/*")) == []


def test_without_javascript_each_file_is_judged_by_itself(won: Deal) -> None:
    client, url = client_for("ana"), reverse("registrations:evidence", args=[won.uid])
    files = [SimpleUploadedFile("good.pdf", PDF), SimpleUploadedFile("bad.pdf", b""), SimpleUploadedFile("p.png", PNG)]
    answer = client.post(url, {"evidence": files})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "bad.pdf: The file is empty." in page
    assert "2 files added." in page
    assert [each.name for each in Evidence.objects.all()] == ["good.pdf", "p.png"]
    assert "not scanned" in page
    assert client.post(url).status_code == 422
    answer = client.post(url, {"evidence": SimpleUploadedFile("q.jpg", JPEG), "next": "/columns/"})
    assert (answer.status_code, answer["Location"]) == (302, "/columns/")
    assert client_for("vera").get(url).status_code == 200
    assert client_for("noor").post(url).status_code in (403, 404)


def test_served_with_safe_headers_to_those_who_may(won: Deal) -> None:
    client = client_for("ana")
    pdf, image, word = add(won, PDF, "Vertrag ü.pdf"), add(won, PNG, "a.png"), add(won, office(), "a.docx")

    def get(row: Evidence, query: str = "") -> Any:
        answer = client.get(reverse("registrations:file", args=[row.uid]) + query)
        answer.read = b"".join(answer.streaming_content) if answer.streaming else b""
        return answer

    answer = get(pdf)
    assert answer.read == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == "inline; filename*=utf-8''Vertrag%20%C3%BC.pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "script-src" not in policy
    assert "frame-ancestors 'self'" in policy
    assert "sandbox" in get(image)["Content-Security-Policy"]
    for answer in (get(word), get(pdf, "?download"), get(image, "?download")):
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Frame-Options"] == "DENY"
        assert "sandbox" in answer["Content-Security-Policy"]
    url = reverse("registrations:file", args=[pdf.uid])
    assert {name: client_for(name).get(url).status_code for name in ("mia", "priya", "noor", "lee", "tom")} == (
        dict.fromkeys(("mia", "priya", "noor", "lee", "tom"), 404)
    )
    assert Client().get(url).status_code == 302
    client.post(reverse("registrations:evidence_remove", args=[pdf.uid]))
    assert get(pdf).status_code == 404
    storage.remove(image.uid)
    assert get(image).status_code == 404
