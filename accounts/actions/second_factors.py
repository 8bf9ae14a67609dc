"""A second factor that is lost is removed by the operator, once they know who asks."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.door import lock_person
from accounts.enums import EventKind
from accounts.models import User
from cosell import clock
from cosell.events.enums import Visibility
from cosell.events.record import record
from cosell.web.reasons import Reason, Refused


@transaction.atomic
def remove_factor(by: User, factor: Authenticator) -> None:
    """Its codes, or its key, sign the person in no more.

    1. Lock the person. 2. Only the operator (Refused: 403). 3. Delete; with the last one go the recovery codes.
    4. Record it in the person's chain, by the operator.
    """
    if not (by.is_active and by.is_superuser):
        text = _("Only who runs this portal removes the second factor of somebody else.")
        raise Refused([Reason("factor_right", text)], status=403)
    person = lock_person(factor.user_id)
    held = Authenticator.objects.filter(user=person)
    gone = held.filter(pk=factor.pk)
    if not held.exclude(pk=factor.pk).exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
        gone = held
    types = sorted(gone.values_list("type", flat=True))
    gone.delete()
    if types:
        record(
            EventKind.MFA_REMOVED,
            stream=f"person:{person.pk}",
            at=clock.now(),
            actor=by,
            organization=None,
            visibility=Visibility.ORGANIZATION,
            data={"types": types, "by": "operator"},
        )
