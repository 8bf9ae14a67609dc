"""A company of the business directory becomes one of our customer accounts, once."""

from hashlib import sha256

from django.db import connection, transaction

from accounts.directory.entries import DirectoryEntry
from accounts.enums import CustomerCategory
from accounts.models import CustomerAccount

_PREFIX = "DIR-"
_LIMIT = 24  # of CustomerAccount.account_id


def remember(entry: DirectoryEntry) -> CustomerAccount:
    """The Other account of an entry: the one with its D-U-N-S, else the one kept for its ID, else a new one.

    1. Wait for whoever keeps the same company at this moment (until their transaction ends).
    2. Look for it by D-U-N-S among Other, then by ID.
    3. Write it. An account that is there stays as it is: people may have corrected it.
    4. One that was merged since stands for the account that it was merged into.
    """
    with transaction.atomic():
        _wait_for_others(entry.duns or entry.directory_id)
        others = CustomerAccount.objects.filter(category=CustomerCategory.OTHER)
        known = others.filter(duns=entry.duns).order_by("pk").first() if entry.duns else None
        if known:
            return _merged(known)
        # two may still meet here, with one ID and two numbers: the second gets the row of the first
        account, _is_new = CustomerAccount.objects.get_or_create(
            account_id=account_id_of(entry),
            defaults={
                "category": CustomerCategory.OTHER,
                "name": entry.name,
                "trade_names": list(entry.trade_names),
                "duns": entry.duns,
                "domain": entry.domain,
                "address": entry.address,
                "city": entry.city,
                "state": entry.state,
                "postal_code": entry.postal_code,
                "country": entry.country,
                "federal": entry.federal,
            },
        )
        return _merged(account)


def _merged(account: CustomerAccount) -> CustomerAccount:
    while account.merged_into:
        account = account.merged_into
    return account


def account_id_of(entry: DirectoryEntry) -> str:
    """ "DIR-" and the directory's ID. One that does not fit is hashed: cut off, it could be another company's."""
    plain = _PREFIX + entry.directory_id
    hashed = _PREFIX + "#" + sha256(entry.directory_id.encode()).hexdigest().upper()
    return plain if len(plain) <= _LIMIT else hashed[:_LIMIT]


def _wait_for_others(identity: str) -> None:
    number = int.from_bytes(sha256(f"directory:{identity}".encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
