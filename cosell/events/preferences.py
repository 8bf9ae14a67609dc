"""How the mails of each kind come to a person: at once, once a day, never (product.md §8). The bell holds all."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cosell.events import catalogue
from cosell.events.catalogue import Message
from cosell.events.enums import Cadence, Channel
from cosell.events.models import Preference

SUMMARY = "daily_summary"  # the mail in which everything comes that is wanted once a day
USUAL: Sequence[tuple[str, str | Promise]] = Cadence.choices
OF_SUMMARY = ((Cadence.AT_ONCE.value, _("Each morning")), (Cadence.OFF.value, _("Never")))


def choices(message: Message) -> Sequence[tuple[str, str | Promise]]:
    """The cadences that a person may choose for the mails of this message; none for what is fixed."""
    if not message.can_turn_off or Channel.MAIL not in message.channels:
        return ()
    return OF_SUMMARY if message.name == SUMMARY else USUAL


def chosen_by(person: str) -> dict[str, Cadence]:
    """The cadence in force for each message that `person` (a Recipient.key) may choose about, in one query."""
    open_ones = [message for message in catalogue.all_messages() if choices(message)]
    chosen = Preference.objects.chosen((person, message.name) for message in open_ones)
    return {message.name: chosen.get((person, message.name), message.default) for message in open_ones}


def choose(person: str, wanted: Mapping[str, Cadence], now: datetime) -> None:
    """From now on the mails of these messages come to `person` (a Recipient.key) so; others stay as they are.

    Only what differs from the default is stored: who never chose gets a better default, too. Raises ValueError for a
    message that there is not, or that does not come so.
    """
    differing, usual = [], []
    for name, cadence in wanted.items():
        message = catalogue.get(name)
        if message is None or cadence not in {value for value, _label in choices(message)}:
            raise ValueError(f"{name} does not come {cadence}")
        if cadence == message.default:
            usual.append(name)
        else:
            differing.append(Preference(person=person, message=name, cadence=cadence, changed_at=now))
    with transaction.atomic():
        Preference.objects.filter(person=person, message__in=usual).delete()
        Preference.objects.bulk_create(
            differing,
            update_conflicts=True,
            unique_fields=["person", "message"],
            update_fields=["cadence", "changed_at"],
        )
