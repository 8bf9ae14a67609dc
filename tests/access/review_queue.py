"""The review queue: the host's reviewers and vendor admins; partners do not learn that there is one."""

from __future__ import annotations

from registrations import queue
from tests.access.table import Answer, Expected, Row, answers


def reviewers(answer: Answer) -> Expected:
    """Sellers of the host are told who may; the operator belongs to no organization."""
    return answers(("noor erik", answer), ("lee beatriz operator", 403), others=404)


UID = {"uid": "registration"}
ROWS = [
    Row("registrations:review_home", get=reviewers(302)),
    *(Row("registrations:review", {"tab": tab.slug}, get=reviewers(200), about=tab.slug) for tab in queue.TABS),
    Row("registrations:review", {"tab": "nonsense"}, get=reviewers(404), about="nonsense"),
    Row("registrations:review_next", post=reviewers(302), data={"f": "tab=waiting"}),
    Row("registrations:review_keys", get=reviewers(200)),
    Row("registrations:review_filters", get=reviewers(200), post=reviewers(422)),
    Row("registrations:review_bulk", post=reviewers(302)),
    Row("registrations:review_release", UID, post=reviewers(302)),
    Row("registrations:review_assign", UID, get=reviewers(200), post=reviewers(302)),
]
