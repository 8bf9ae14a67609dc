"""Our own pages."""

from __future__ import annotations

from collections.abc import Iterator

from deals import lists, matching
from deals.enums import Action
from deals.views.act import SECTIONS
from deals.views.wizard import _STEP_CONTEXT
from tests.access.table import (
    CREATORS,
    EVERYBODY,
    MATCH_DECISIONS,
    MATCHERS,
    MEMBERS,
    MERGES,
    OPEN,
    READ_IT,
    SIDES,
    VENDOR,
    Expected,
    Row,
    answers,
    changed_by,
    of_case,
    seen_by,
)

PAGES = [
    Row("healthz", get=OPEN),
    Row("readyz", get=OPEN),
    *(
        Row("deals:list", {"tab": tab}, get=MEMBERS, about=tab)
        for tab in (lists.INBOUND, lists.OUTBOUND, lists.FAVORITES, lists.ALL)
    ),
    Row(
        "deals:list",
        {"tab": lists.PARTNER_LED},
        get=answers((VENDOR, 200), ("operator", 403), others=404),
        about=lists.PARTNER_LED,
    ),
    Row("deals:list", {"tab": "nonsense"}, get=answers(("operator", 403), others=404), about="nonsense"),
    # Mia's company has no co-sell ready solution: it may read what is missing, and start nothing.
    Row(
        "deals:new",
        get=answers((CREATORS, 200), others=403),
        post=answers(("mia", 403), (CREATORS.replace("mia ", ""), 302), others=403),
    ),
    Row("deals:drafts", get=answers((CREATORS, 200), others=403)),
    Row("deals:draft_discard", {"uid": "draft"}, post=answers(("ana", 302), (CREATORS[4:], 404), others=403)),
    *(
        Row(f"deals:draft_{part}", {"uid": "draft"}, get=answers(("ana", 200), (CREATORS[4:], 404), others=403))
        for part in ("customers", "directory", "near")
    ),
    *(
        Row(
            "deals:draft",
            {"uid": "draft", "slug": step},
            get=answers(("ana", 200), (CREATORS[4:], 404), others=403),
            post=answers(("ana", 302), (CREATORS[4:], 404), others=403),
            data={"version": "1", "go": "later"},
            about=step,
        )
        for step in _STEP_CONTEXT
    ),
    *(Row("deals:detail", {"uid": side}, get=seen_by(side), about=side) for side in SIDES),
    *(
        Row("deals:note", {"uid": side}, post=changed_by(side, 302), data={"text": "Called."}, about=side)
        for side in ("sao_paulo", "london", "partner_led", "sent")
    ),
    # Work on a deal begins with the answer: before it even a note is refused, with the reason.
    *(
        Row("deals:note", {"uid": side}, post=changed_by(side, 409), data={"text": "Called."}, about=side)
        for side in ("host", "northlake", "received")
    ),
    # Mine alone: a heart needs no right beyond seeing.
    *(Row("deals:favorite", {"uid": side}, post=seen_by(side, 302), data={"on": "1"}, about=side) for side in SIDES),
    *(Row("deals:seen", {"uid": side}, post=seen_by(side, 204), about=side) for side in SIDES),
    *(Row("deals:undo", {"uid": side}, post=changed_by(side, 409), about=side) for side in SIDES),
    *(
        Row(
            "deals:edit",
            {"uid": side, "section": section},
            get=changed_by(side, 200),
            post=changed_by(side, 422),
            about=f"{section} {side}",
        )
        for side, section in (*(("sao_paulo", section) for section in SECTIONS), ("partner_led", "details"))
    ),
    *(
        Row(
            "deals:edit",
            {"uid": side, "section": "details"},
            get=changed_by(side, 409),
            post=changed_by(side, 422),
            about=f"details {side}",
        )
        for side in ("host", "received")
    ),
    Row(
        "deals:edit", {"uid": "london", "section": "nonsense"}, get=seen_by("london", 404), post=seen_by("london", 404)
    ),
    *(
        Row("deals:invite", {"uid": side}, get=changed_by(side, 200), post=changed_by(side, 422), about=side)
        for side in ("sao_paulo", "london", "partner_led", "sent")
    ),
    # A partner invited by a partner brings nobody else.
    Row("deals:invite", {"uid": "northlake"}, get=seen_by("northlake", 403), post=seen_by("northlake", 403)),
    Row(
        "deals:withdraw",
        {"uid": "sao_paulo", "side": "northlake"},
        get=changed_by("sao_paulo", 200),
        post=changed_by("sao_paulo", 302),
    ),
    Row(
        "deals:withdraw",
        {"uid": "sao_paulo", "side": "received"},
        get=seen_by("sao_paulo", 404),
        post=seen_by("sao_paulo", 404),
        about="of another deal",
    ),
    # Account matching: the host's reviewers and admins; a case is nothing that others may know of.
    *(Row("deals:matching", {"tab": tab.slug}, get=MATCHERS, about=tab.slug) for tab in matching.TABS),
    Row("deals:matching", {"tab": "nonsense"}, get=answers(("noor erik", 404), others=403), about="nonsense"),
    Row("deals:match_case", {"uid": "case"}, get=of_case(200)),
    *(
        Row("deals:match_decide", {"uid": "case", "decision": it}, get=of_case(get), post=of_case(post), about=it)
        for it, get, post in MATCH_DECISIONS
    ),
    Row("deals:merge_accounts", get=answers(MERGES, others=403), post=answers(MERGES, others=403)),
    Row("deals:match_answer", {"uid": "typed"}, post=answers(("ana julia", 409), READ_IT, others=404)),
    Row("deals:match_answer", {"uid": "sao_paulo"}, post=seen_by("sao_paulo", 404), about="of no case"),
    Row("accounts:profile", get=EVERYBODY, post=answers(others=422), data={"full_name": ""}),
    Row(
        "accounts:switch",
        post=answers(("ana julia rui tom vera diego", 302), others=404),
        data={"organization": "Contoso Data"},
    ),
    Row("accounts:language", post=answers(others=302, anonymous=302), data={"language": "pt-br"}),
    Row("accounts:theme", post=answers(others=302, anonymous=302), data={"theme": "dark"}),
    Row("events:bell", get=EVERYBODY),
    Row("events:read", {"pk": "told"}, post=answers(("priya", 302), others=404)),
    Row("events:read_all", post=answers(others=302)),
]

# What an empty form answers to who may act: 422 it lacks something, 302 nothing more was needed.
ON_OWN = {
    Action.QUALIFY: 302,
    Action.DEVELOP: 302,
    Action.PROPOSE: 302,
    Action.NEGOTIATE: 302,
    Action.WIN: 422,
    Action.LOSE: 422,
    Action.CLOSE_AS_ERROR: 422,
}
ON_RECEIVED = {Action.ACCEPT: 422, Action.DECLINE: 422}
FOR_ASSESSMENTS = (Action.SECURE_LOE, Action.COLLECT_DATA, Action.PREPARE_REPORT, Action.PRESENT)


def _acts() -> Iterator[Row]:
    """Every action that has a page, on sides where it may happen and where it may not."""
    for action, answer in ON_OWN.items():
        yield _act("sao_paulo", action, changed_by("sao_paulo", 200), changed_by("sao_paulo", answer))
    for action, answer in ON_RECEIVED.items():
        yield _act("sao_paulo", action, changed_by("sao_paulo", 409), changed_by("sao_paulo", answer))
        yield _act("host", action, changed_by("host", 200), changed_by("host", answer))
    for side in ("london", "partner_led", "sent"):
        yield _act(side, Action.QUALIFY, changed_by(side, 200), changed_by(side, 302))
    for side in ("northlake", "received"):
        yield _act(side, Action.ACCEPT, changed_by(side, 200), changed_by(side, 422))
        yield _act(side, Action.QUALIFY, changed_by(side, 409), changed_by(side, 409))
    for side in ("host", "northlake", "received"):  # only the creator's side shows a deal to others
        yield _act(side, Action.SHARE, seen_by(side, 403), seen_by(side, 403))
    yield _act("sao_paulo", Action.SHARE, changed_by("sao_paulo", 409), changed_by("sao_paulo", 422))
    yield _act("london", Action.SHARE, changed_by("london", 200), changed_by("london", 422))
    for action in (*FOR_ASSESSMENTS, "nonsense", Action.EXPIRE, Action.EDIT):
        yield _act("sao_paulo", action, seen_by("sao_paulo", 404), seen_by("sao_paulo", 404))


def _act(side: str, action: str, get: Expected, post: Expected) -> Row:
    return Row("deals:act", {"uid": side, "action": str(action)}, get=get, post=post, about=f"{action} {side}")


ROWS = [*PAGES, *_acts()]
