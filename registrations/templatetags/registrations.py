"""How a registration is said on every page."""

from django import template

register = template.Library()
