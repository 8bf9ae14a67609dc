"""Least data: a contact goes when the deal is over; a person's data are handed out and erased (docs/privacy.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.models import User
from cosell import clock
from cosell.events.chain import erase_details
from cosell.events.enums import UNDONE, Channel, DeliveryState
from cosell.events.enums import Visibility as Seen
from cosell.events.models import Delivery, EventDetail
from cosell.events.record import record
from cosell.web.reasons import Reason
from deals.actions.door import lock_engagement, refused
from deals.enums import Direction, EventKind, PersonalData
from deals.models import CustomerContact, Deal, Engagement
from deals.privacy import (
    ERASED,
    ERASED_DOMAIN,
    KEEP_CONTACT,
    Person,
    Traces,
    details_with,
    engagements_to_forget,
    held_about,
    replaced_contacts,
    said_person,
    strings,
)

LEFT_OUT = "[…]"  # in the place of a person's words in what others wrote


def remove_contact(engagement_id: int) -> bool:
    """Remove the customer's contact of a deal that ended 90 days ago. False when it has gone or is needed again.

    1. lock the engagement; look again
    2. its values go: the row, and what the history of this engagement says of the person, and of those before
    3. the event says that it went; it has no personal value
    """
    now = clock.now()
    with transaction.atomic():
        engagement = lock_engagement(engagement_id)
        if not engagements_to_forget(now).filter(pk=engagement.pk).exists():
            return False
        replaced = replaced_contacts().filter(event__stream=engagement.stream)
        traces = _of_contacts(engagement, replaced)
        named = details_with(traces).filter(event__stream=engagement.stream)
        ids = [*named.values_list("pk", flat=True), *replaced.values_list("pk", flat=True)]
        erase_details(EventDetail.objects.filter(pk__in=ids), now)
        CustomerContact.objects.filter(engagement=engagement).delete()
        _tell_removed(engagement, now, {"after_days": KEEP_CONTACT.days})
        return True


def export_person(operator: User, person: Person) -> dict[str, Any]:
    """Everything that is held about the person, for the operator to hand out; the register says that it was done."""
    _only_operator(operator)
    with transaction.atomic():
        held = held_about(person)
        _tell_done(PersonalData.EXPORTED, operator, person, clock.now(), {})
    return held


def erase_person(operator: User, person: Person) -> dict[str, int]:
    """Erase the person's values everywhere; what was done stays, by somebody without a name. How much, by kind.

    1. only the operator, and not himself
    2. by which words the person is found; all that holds them is locked, engagements before sides
    3. contacts go; places on teams and the sign-in lose name, address and phone; free text loses the words
    4. values in the history are erased, so that the chain still verifies; messages lose their addresses
    5. the event says who did it, and no personal value
    """
    _only_operator(operator)
    if person.user == operator:
        raise refused([Reason("yourself", _("You cannot erase yourself: another operator has to do it."))])
    now = clock.now()
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=person.user.pk) if person.user else None
        traces, counts = person.traces, person.counts()  # while the values still stand there
        _lock_deals(person)
        details = list(person.details.values_list("pk", flat=True))
        for contact in person.contacts.select_related("engagement"):
            contact.delete()
            _tell_removed(contact.engagement, now, {"asked": True}, operator)
        _leave_out(person.texts(), traces)
        _leave_drafts(person)
        erase_details(EventDetail.objects.filter(pk__in=details), now)
        _forget_deliveries(person)
        _forget_team(person)
        _forget_invites(person, now)
        if user:
            _forget_sign_in(user)
        _tell_done(PersonalData.ERASED, operator, person, now, counts)
    return counts


def _only_operator(operator: User) -> None:
    if not (operator.is_active and operator.is_superuser):
        raise refused([Reason("read_only", _("Only the operator does this."))])


def _of_contacts(engagement: Engagement, replaced: Iterable[EventDetail]) -> Traces:
    """The words of the contact as it is, and of those whom it replaced."""
    people = [said for detail in replaced for said in map(said_person, strings(detail.value)) if said]
    people += CustomerContact.objects.filter(engagement=engagement).values_list("name", "email", "phone")
    return Traces(
        emails=frozenset(email.lower() for _name, email, _phone in people),
        names=frozenset(name for name, _email, _phone in people),
        phones=frozenset(phone for _name, _email, phone in people),
    )


def _tell_removed(
    engagement: Engagement, now: datetime, data: Mapping[str, Any], operator: User | None = None
) -> None:
    """It is no company's doing, and everybody on the deal may know."""
    record(
        EventKind.CONTACT_REMOVED,
        stream=engagement.stream,
        at=now,
        actor=operator,
        deal_id=engagement.sides.get(direction=Direction.OUTBOUND).pk,
        visibility=Seen.ENGAGEMENT,
        data=data,
    )


def _tell_done(kind: PersonalData, operator: User, person: Person, now: datetime, counts: Mapping[str, int]) -> None:
    """In a chain of the person's own: by the sign-in's number, else by a keyed hash of the address."""
    mark = person.user.pk if person.user else salted_hmac("deals.privacy", person.email).hexdigest()
    record(
        kind, stream=f"privacy:{mark}", at=now, actor=operator, visibility=Seen.ORGANIZATION, data={"counts": counts}
    )


def _lock_deals(person: Person) -> None:
    """Every engagement and side that will change, in the order of all actions; an open edit form notices."""
    theirs = Q(team__in=person.team) | Q(engagement__in=person.contacts.values("engagement"))
    sides, engagements = set(Deal.objects.filter(theirs).values_list("pk", flat=True)), set[int]()
    for rows, _names in person.texts():
        if rows.model is Deal:
            sides |= set(rows.values_list("pk", flat=True))
        elif rows.model is Engagement:
            engagements |= set(rows.values_list("pk", flat=True))
    engagements |= set(Deal.objects.filter(pk__in=sides).values_list("engagement_id", flat=True))
    list(Engagement.objects.select_for_update(of=("self",)).filter(pk__in=engagements).order_by("pk"))
    list(Deal.objects.select_for_update(of=("self",)).filter(pk__in=sides).order_by("pk"))
    Deal.objects.filter(pk__in=sides).update(version=F("version") + 1)


def _leave_out(texts: Iterable[Any], traces: Traces) -> None:
    for rows, names in texts:
        for row in rows:
            rows.model.objects.filter(pk=row.pk).update(
                **{name: traces.without(getattr(row, name), LEFT_OUT) for name in names}
            )


def _leave_drafts(person: Person) -> None:
    """The person's own go; in those of others what names the person is asked again."""
    for draft in person.other_drafts.select_for_update(of=("self",)).order_by("pk"):
        draft.answers = _without(draft.answers, person.traces)
        draft.version += 1
        draft.save(update_fields=["answers", "version"])
    person.own_drafts.delete()


def _without(answers: Any, traces: Traces) -> Any:
    match answers:
        case str():
            return traces.without(answers, "")
        case list():
            return [_without(each, traces) for each in answers]
        case dict():
            return {key: _without(each, traces) for key, each in answers.items()}
    return answers


def _forget_deliveries(person: Person) -> None:
    """What was not sent is given up; what is just being sent is left to its sender."""
    deliveries = person.deliveries.exclude(state=DeliveryState.SENDING)
    deliveries.filter(channel=Channel.MAIL, state__in=UNDONE).update(state=DeliveryState.CANCELLED)
    ids = list(deliveries.values_list("pk", flat=True))
    theirs, number = Delivery.objects.filter(pk__in=ids), Cast("pk", CharField())
    theirs.update(name="", last_error="")
    theirs.filter(channel=Channel.MAIL).update(address=Concat(Value("erased-"), number, Value(f"@{ERASED_DOMAIN}")))
    theirs.filter(user=None).update(recipient_key=Concat(Value("erased:"), number))


def _forget_team(person: Person) -> None:
    """The places stay, with their sign-in if there was one: who did what is still told apart."""
    for member in person.team.order_by("pk"):
        member.name, member.phone = ERASED, "–"  # a team is edited as a whole: each field needs a value
        member.email = f"erased-{member.pk}@{ERASED_DOMAIN}"
        member.save(update_fields=["name", "phone", "email"])


def _forget_invites(person: Person, now: datetime) -> None:
    """How they wanted their mail, and by which address they were asked in, goes too."""
    person.preferences.delete()
    person.bad_addresses.delete()
    for invite in person.invites.order_by("pk"):
        invite.full_name, invite.email = ERASED, f"erased-{invite.pk}@{ERASED_DOMAIN}"
        invite.revoked_at = invite.revoked_at or (None if invite.accepted_at else now)
        invite.save(update_fields=["full_name", "email", "revoked_at"])


def _forget_sign_in(user: User) -> None:
    user.full_name, user.email, user.phone = ERASED, f"erased-{user.pk}@{ERASED_DOMAIN}", ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.away_from = user.away_until = user.delegate = None
    user.calendar_hash = ""
    user.set_unusable_password()
    user.save()
    for model in (EmailAddress, Authenticator, SocialAccount, UserSession):
        model.objects.filter(user=user).delete()
    user.memberships.update(is_active=False)
    user.favorites.all().delete()
    user.named_accounts.clear()
    own = ContentType.objects.get_for_model(User)
    LogEntry.objects.filter(content_type=own, object_id=str(user.pk)).update(object_repr=ERASED)
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()
