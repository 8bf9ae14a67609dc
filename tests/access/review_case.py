"""The page of a registration for its reviewers. Sellers of the host are told why not; for partners there is none."""

from tests.access.table import Answer, Expected, Row, answers


def of_reviewer(answer: Answer) -> Expected:
    """Ana, Julia and Rui see the registration on their own page; this one is the host's."""
    return answers(("noor erik", answer), ("lee beatriz operator", 403), others=404)


UNKNOWN = answers(others=404)
CASE, ACT, EXCEPTION = "registrations:case", "registrations:case_act", "registrations:exception_case"
AT_ONCE = {"take": 302, "keep": 409, "release": 302, "undo": 409, "apply": 409, "pass": 409}
DIALOGS = {"fail": (200, 422), "ask": (200, 409), "assign": (200, 302), "pick": (409, 409)}

ROWS = [
    Row(CASE, {"uid": "registration"}, get=of_reviewer(200)),
    *(
        Row(ACT, {"uid": "registration", "act": act}, post=of_reviewer(answer), about=act)
        for act, answer in AT_ONCE.items()
    ),
    *(
        Row(ACT, {"uid": "registration", "act": act}, get=of_reviewer(get), post=of_reviewer(post), about=act)
        for act, (get, post) in DIALOGS.items()
    ),
    Row(ACT, {"uid": "registration", "act": "nonsense"}, get=UNKNOWN, post=UNKNOWN, about="nonsense"),
    Row(EXCEPTION, {"uid": "exception"}, get=of_reviewer(200), post=of_reviewer(422)),
]
