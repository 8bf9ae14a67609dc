"""Files of a registration: the own side looks, its editors add; the host's reviewers open what was sent."""

from tests.access.table import Row, answers, changed_by, seen_by

HOST = "beatriz noor erik"  # sees the deal; the files are a matter of the registration's own page
TOLD = f"{HOST} tom diego operator"
ROWS = [
    # Nothing is won on the first one: who may change the side is told so.
    Row("registrations:evidence", {"uid": "sao_paulo"}, get=seen_by("sao_paulo"), post=changed_by("sao_paulo", 409)),
    Row(
        "registrations:evidence",
        {"uid": "won"},
        get=answers(("ana julia rui vera", 200), (TOLD, 403), others=404),
        post=answers(("ana julia rui", 422), (f"vera {TOLD}", 403), others=404),
        about="won",
    ),
    Row(
        "registrations:evidence_start",
        {"uid": "won"},
        post=answers(("ana julia rui", 200), (f"vera {TOLD}", 403), others=404),
        data={"name": "a.pdf", "size": "10"},
    ),
    Row("registrations:evidence_part", {"uid": "file"}, post=answers(("ana", 400), ("operator", 403), others=404)),
    Row(
        "registrations:evidence_remove",
        {"uid": "file"},
        get=answers(("ana julia rui", 409), ("vera noor erik operator", 403), others=404),
        post=answers(("ana julia rui", 409), ("vera noor erik operator", 403), others=404),
    ),
    Row(
        "registrations:file",
        {"uid": "file"},
        get=answers(("ana julia rui vera noor erik", 200), ("operator", 403), others=404),
    ),
]
