"""What stands beside a step of the wizard, on its page."""

from typing import Any

from django import template
from django.template import Context

from deals.guidance import STEPS_WITH_GUIDANCE, beside

register = template.Library()


@register.inclusion_tag("deals/guidance/_panel.html", takes_context=True)
def guidance_beside(context: Context) -> dict[str, Any]:
    """Of the step in the context of the wizard's page; nothing at steps that need none."""
    wizard, step = context["wizard"], context["step"]
    if step.slug not in STEPS_WITH_GUIDANCE:
        return {}
    found = beside(wizard, step.slug)
    return {"beside": found, "draft": wizard.draft, "step": step, "host": context["host"]}
