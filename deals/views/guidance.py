"""What stands beside the wizard, judged anew while one types."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.models import Organization
from deals.forms.fields import as_lists
from deals.guidance import STEPS_WITH_GUIDANCE, beside
from deals.views.drafts import own_draft
from deals.wizard import Wizard


@require_POST
def guidance(request: HttpRequest, uid: UUID, slug: str) -> HttpResponse:
    """What is typed in a step, over what is stored of the others. Writes nothing.

    A POST all the same: what is typed is long and personal, and addresses are logged.
    """
    wizard = Wizard(own_draft(request, uid), request.who, Organization.objects.host())
    step = wizard.step(slug)
    if step is None or slug not in STEPS_WITH_GUIDANCE:
        raise Http404
    wizard.draft.answers = {**wizard.draft.answers, slug: as_lists(request.POST)}  # in memory, never saved
    found = beside(wizard, slug)
    said = request.POST.get("duplicates_shown", "") != str(found.conflicts.count)
    context = {"beside": found, "draft": wizard.draft, "step": step, "says_count": said, "is_answer": True}
    return render(request, "deals/guidance/_found.html", context)
