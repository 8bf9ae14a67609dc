"""Evidence comes and goes: one way for a form that sends whole files and for a script that sends parts.

A row is there from the first byte. It is evidence once `sha256` is set; everything before is on its way, and is gone
when the content is refused, or after a day.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.who import Who
from cosell import clock
from cosell.events.enums import Visibility as Seen
from cosell.events.record import record
from cosell.web.reasons import Reason, Refused
from deals.actions.door import lock as lock_deal
from deals.models import Deal
from registrations.actions.claim import ensure_draft
from registrations.actions.door import lock, refused
from registrations.enums import IN_REVIEW, EventKind, FileKind, ProgramCode, Scan
from registrations.evidence import PART, kinds, names, storage
from registrations.evidence.scan import scan
from registrations.facts import facts_of
from registrations.models import Evidence, Registration
from registrations.rules import evidence as rules
from registrations.rules.eligibility import best

KEPT_UNFINISHED = timedelta(days=1)


class WrongOffset(Refused):
    """A part that does not begin where the last one ended; `received` is where it would."""

    def __init__(self, received: int) -> None:
        super().__init__([Reason("wrong_offset", _("Another part of the file comes next."))], 409)
        self.received = received


def add_file(who: Who, deal_id: int, program: ProgramCode | None, upload: UploadedFile[Any]) -> Evidence:
    """Take one whole file of a form. Refused 422 by what it is, 403 without the right, 409 by the state."""
    evidence = start_upload(who, deal_id, program, upload.name or "", upload.size or 0)
    at = 0
    for data in upload.chunks(PART):
        storage.write_at(evidence.uid, at, data)
        at += len(data)
    Evidence.objects.filter(pk=evidence.pk).update(received=at)
    return finish_upload(who, evidence.pk)


def start_upload(who: Who, deal_id: int, program: ProgramCode | None, name: str, size: int) -> Evidence:
    """A place for a file of `size` bytes that is to come.

    1. lock; the right and the state; size and number of files
    2. the draft of the registration, in `program` or the best one, if this is its first touch
    3. the row; one's own earlier, unfinished try of the same file makes way
    """
    now = clock.now()
    with transaction.atomic():
        deal = lock_deal(deal_id)
        _allow(who, deal, now)
        if reasons := rules.size_refusals(size):
            raise refused(reasons, 422)
        registration = ensure_draft(who, deal, program or best(facts_of(deal, now)).code, now)
        name = names.clean(name)
        for earlier in registration.evidence.filter(sha256="", by=who.user, name=name, size=size):
            _discard(earlier)
        reasons = rules.number_refusals(registration, whole=True) + rules.number_refusals(registration, whole=False)
        if reasons:
            raise refused(reasons, 422)
        return Evidence.objects.create(registration=registration, name=name, size=size, by=who.user, at=now)


def add_part(who: Who, evidence_id: int, offset: int, data: bytes) -> Evidence:
    """Take the next part, PART bytes at most; the last one makes the file whole. Raises WrongOffset.

    Only the row is locked while the bytes are written: two requests with the same part come one after the other.
    An empty part asks again for what was interrupted at the very end.
    """
    with transaction.atomic():
        evidence = Evidence.objects.select_for_update().get(pk=evidence_id, by=who.user, sha256="")
        if offset != evidence.received or offset + len(data) > evidence.size:
            raise WrongOffset(evidence.received)
        if data:
            storage.write_at(evidence.uid, offset, data)
            evidence.received += len(data)
            evidence.save(update_fields=["received"])
    return finish_upload(who, evidence.pk) if evidence.received == evidence.size else evidence


def finish_upload(who: Who, evidence_id: int) -> Evidence:
    """Make a file whole whose bytes have all come.

    1. kind, hash and scan, without any lock: they take their time
    2. lock engagement, side, registration, row; right, state, number and sameness once more
    3. refused: the row goes now, and the bytes after the commit
    4. taken: its name for good, and the event
    """
    evidence = Evidence.objects.get(pk=evidence_id)
    found = _look_at(evidence)
    now = clock.now()
    with transaction.atomic():
        registration = lock(evidence.registration_id)
        evidence = Evidence.objects.select_for_update().get(pk=evidence_id)
        if evidence.sha256:
            return evidence  # the same last part came twice
        refusal = _refusal(who, registration, found, now)
        if refusal is None and not isinstance(found, Reason):
            kind, sha256, said = found
            evidence.name, evidence.kind = names.with_suffix(evidence.name, kind), kind
            evidence.sha256, evidence.scan, evidence.at = sha256, said, now
            evidence.save()
            storage.keep(evidence.uid)
            _tell(EventKind.EVIDENCE_ADDED, who, registration, evidence, now)
            return evidence
        _discard(evidence)
    assert refusal is not None
    raise refusal


def remove_file(who: Who, evidence_id: int) -> Evidence:
    """Take a file away. What was never sent is deleted; what a reviewer has seen is only no longer part of it."""
    now = clock.now()
    with transaction.atomic():
        registration = lock(Evidence.objects.values_list("registration_id", flat=True).get(pk=evidence_id))
        evidence = Evidence.objects.select_for_update().exclude(sha256="").get(pk=evidence_id)
        if evidence.removed_at is not None:
            return evidence
        evidence.registration = registration
        if reasons := rules.removing_refusals(who, evidence, now):
            raise refused(reasons)
        evidence.removed_at = now
        evidence.save(update_fields=["removed_at"])
        if evidence.number is None:
            transaction.on_commit(partial(storage.remove, evidence.uid))
        _tell(EventKind.EVIDENCE_REMOVED, who, registration, evidence, now)
        return evidence


def clean_uploads() -> int:
    """Delete uploads that nobody finished within a day, and bytes that no row knows of; how many went."""
    before = clock.now() - KEPT_UNFINISHED
    with transaction.atomic():
        unfinished = list(Evidence.objects.select_for_update(skip_locked=True).filter(sha256="", at__lt=before))
        for evidence in unfinished:
            _discard(evidence)
    strays = [uid for uid in storage.older_than(before) if not Evidence.objects.filter(uid=uid).exists()]
    for uid in strays:
        storage.remove(uid)
    return len(unfinished) + len(strays)


Found = tuple[FileKind, str, Scan]


def _look_at(evidence: Evidence) -> Found | Reason:
    path = storage.where(evidence.uid)
    if not path.exists() or path.stat().st_size != evidence.size:
        return kinds.no("not_whole", _("Not all of the file arrived here."), _("Choose it again."))
    with path.open("rb") as file:
        kind = kinds.kind_of(file)
    if isinstance(kind, Reason):
        return kind
    said = scan(path)
    return said if isinstance(said, Reason) else (kind, storage.digest(path), said)


def _refusal(who: Who, registration: Registration, found: Found | Reason, now: datetime) -> Refused | None:
    if reasons := rules.adding_refusals(who, registration.deal, registration, now):
        return refused(reasons)
    if isinstance(found, Reason):
        return refused([found], 422)
    reasons = rules.same_refusals(registration, found[1]) or rules.number_refusals(registration, whole=True)
    return refused(reasons, 422) if reasons else None


def _allow(who: Who, deal: Deal, now: datetime) -> None:
    registration = Registration.objects.filter(deal=deal).first()
    if registration is not None:
        registration.deal, registration.engagement = deal, deal.engagement
    if reasons := rules.adding_refusals(who, deal, registration, now):
        raise refused(reasons)


def _discard(evidence: Evidence) -> None:
    """The row now; the bytes once that is certain."""
    transaction.on_commit(partial(storage.remove, evidence.uid))
    evidence.delete()


def _tell(kind: EventKind, who: Who, registration: Registration, evidence: Evidence, now: datetime) -> None:
    """The host learns of a file when it reviews; what is collected before it is sent is nobody else's."""
    record(
        kind,
        stream=registration.engagement.stream,
        at=now,
        actor=who.user,
        organization=registration.deal.organization,
        deal_id=registration.deal_id,
        visibility=Seen.HOST if registration.state in IN_REVIEW else Seen.ORGANIZATION,
        data={"note_for": "all", "registration": str(registration.uid), "evidence": str(evidence.uid)},
        details={"note": evidence.name},
        context=registration,
    )
