"""What reviewers type: ticks, reasons, comments at the fields, answers to exceptions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from deals.forms.fields import text_area
from registrations.enums import UNLOCKABLE, FailReason, Field
from registrations.programs import Rules

MAX_WORDS = 5000


class DecisionForm(forms.Form):
    """`version` is that of the page on which the reviewer decides."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2_000_000_000)

    def clean_version(self) -> int:
        return self.cleaned_data["version"] or 0


class PassForm(DecisionForm):
    """The checklist of a program."""

    checked = forms.MultipleChoiceField(label=_("Checklist"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, rules: Rules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["checked"].choices = [(check.value, check.label) for check in rules.checks]


class FailForm(DecisionForm):
    reasons = forms.MultipleChoiceField(
        label=_("Why it fails"), choices=FailReason.choices, widget=forms.CheckboxSelectMultiple
    )
    words = forms.CharField(
        label=_("In words"),
        required=False,
        max_length=MAX_WORDS,
        widget=text_area(3),
        help_text=_("The partner reads this."),
    )


class AskForm(DecisionForm):
    """Words for all of it, and a comment for each field of the claim."""

    words = forms.CharField(
        label=_("What should change"),
        required=False,
        max_length=MAX_WORDS,
        widget=text_area(3),
        help_text=_("The partner reads this, and each comment at its field."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in Field:
            self.fields[f"comment_{field.value}"] = forms.CharField(
                label=_("Comment on “%(field)s”") % {"field": field.label},
                required=False,
                max_length=MAX_WORDS,
                widget=text_area(2),
            )

    def boxes(self) -> list[tuple[Field, forms.BoundField]]:
        return [(field, self[f"comment_{field.value}"]) for field in Field]

    def comments(self) -> dict[Field, str]:
        """What was typed at the fields."""
        typed = {field: self.cleaned_data[f"comment_{field.value}"].strip() for field in Field}
        return {field: words for field, words in typed.items() if words}


class PickForm(forms.Form):
    note = forms.CharField(
        label=_("Why it is looked at again"),
        required=False,
        max_length=MAX_WORDS,
        widget=text_area(3),
        help_text=_("The partner reads this."),
    )


class ExceptionForm(forms.Form):
    """The answer to a request for an exception; it is final."""

    answer = forms.CharField(
        label=_("Answer"),
        max_length=MAX_WORDS,
        widget=text_area(5),
        help_text=_("The partner reads this. It is final."),
    )
    unlocked = forms.MultipleChoiceField(
        label=_("Fields that the partner may change"),
        choices=[(field.value, field.label) for field in UNLOCKABLE],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only if you approve. How far back dates may lie no longer counts then."),
    )
