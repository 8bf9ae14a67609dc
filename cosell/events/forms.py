"""What a person chooses about being told."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _

from cosell.events import catalogue, preferences
from cosell.events.catalogue import Message
from cosell.events.enums import Cadence
from cosell.web.forms import LongSelect


@dataclass(frozen=True)
class Row:
    """A kind of message in the table; `field` is None where nothing can be chosen, and `fixed` says why."""

    title: str
    told: str
    field: BoundField | None
    fixed: str = ""


class PreferencesForm(forms.Form):
    """A cadence for each kind of message, by the message's name."""

    use_required_attribute = False

    def __init__(self, data: Mapping[str, Any] | None, *, chosen: Mapping[str, Cadence]) -> None:
        super().__init__(data, initial=dict(chosen))
        for name in chosen:
            message = catalogue.get(name)
            assert message is not None
            self.fields[name] = forms.ChoiceField(
                label=title_of(message), choices=preferences.choices(message), widget=LongSelect
            )

    @property
    def wanted(self) -> dict[str, Cadence]:
        return {name: Cadence(cadence) for name, cadence in self.cleaned_data.items()}

    def groups(self) -> Iterator[tuple[str, list[Row]]]:
        """The whole catalogue, group by group, in its order."""
        for group, messages in catalogue.by_group().items():
            yield group, [self._row(message) for message in messages]

    def _row(self, message: Message) -> Row:
        title, told = title_of(message), str(message.told)
        if message.name in self.fields:
            return Row(title, told, self[message.name])
        if not message.can_turn_off:
            return Row(title, told, None, _("Always at once: it has a deadline."))
        return Row(title, told, None, _("Only in the bell: there is no mail about it."))


def title_of(message: Message) -> str:
    return str(message.title or message.name)
