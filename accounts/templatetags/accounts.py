"""{% load accounts %}: how a customer account is said."""

from django import template

from accounts import enums

register = template.Library()


@register.filter
def category_label(category: str, host_name: str) -> str:
    """`account.category|category_label:host.name`."""
    return enums.category_label(category, host_name)


@register.filter
def consequence(category: str, host_name: str) -> str:
    """What choosing such a customer means for registration."""
    return enums.category_consequence(category, host_name)
