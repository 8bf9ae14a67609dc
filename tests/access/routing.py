"""Who gets what: everybody reads the rules of the own company, its keepers test them, an admin of it all imports."""

from tests.access.table import ADMIN_SIGN_IN, MEMBERS, Row, answers

NO_ROOM = ("rui tom vera sam lee beatriz noor", ADMIN_SIGN_IN)

ROWS = [
    Row("deals:routing", get=MEMBERS),
    Row("admin:accounts_routingrule_test", get=answers(NO_ROOM, ("erik", 403), others=200)),
    Row(
        "admin:accounts_routingrule_import",
        post=answers(NO_ROOM, ("ana priya mia", 302), others=403),
    ),
]
