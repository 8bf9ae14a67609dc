"""Evidence: the list with its form, uploads whole or in parts, and the files themselves.

A form without JavaScript sends several whole files, each judged by itself. static/js/evidence.js sends one after the
other in parts, and goes on from where the server stands.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.who import Who
from cosell import clock
from cosell.web.htmx import is_fragment
from cosell.web.reasons import Reason, Refused
from cosell.web.redirects import back
from deals.models import Deal
from deals.views.detail import visible_deal
from registrations import evidence as files
from registrations import perms
from registrations.actions import evidence as actions
from registrations.actions.door import refused
from registrations.enums import FileKind, ProgramCode
from registrations.evidence import kinds, names, scan, storage
from registrations.models import MAX_BYTES, MAX_FILES, Evidence, Registration
from registrations.rules import evidence as rules

logger = logging.getLogger(__name__)
OFFICE = "application/vnd.openxmlformats-officedocument."
CONTENT_TYPES = {
    FileKind.PDF: "application/pdf",
    FileKind.PNG: "image/png",
    FileKind.JPEG: "image/jpeg",
    FileKind.WEBP: "image/webp",
    FileKind.DOCX: f"{OFFICE}wordprocessingml.document",
    FileKind.XLSX: f"{OFFICE}spreadsheetml.sheet",
    FileKind.PPTX: f"{OFFICE}presentationml.presentation",
}
IMAGES = (FileKind.PNG, FileKind.JPEG, FileKind.WEBP)
ACCEPT = ",".join(sorted(names.KNOWN))
# A browser's own viewer of PDFs is a page with a style and an <embed>; in a sandbox it does not start.
POLICIES = {
    **dict.fromkeys(IMAGES, "default-src 'none'; sandbox; frame-ancestors 'self'"),
    FileKind.PDF: "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'",
}


@dataclass(frozen=True)
class Listed:
    """A file as a page shows it."""

    file: Evidence
    can_remove: bool

    @property
    def is_image(self) -> bool:
        return self.file.kind in IMAGES

    @property
    def is_pdf(self) -> bool:
        return self.file.kind == FileKind.PDF


def evidence_context(who: Who, deal: Deal, registration: Registration | None) -> dict[str, object]:
    """All that templates/registrations/_evidence.html needs: of one's own side, or of a case that one reviews."""
    refusals = rules.adding_refusals(who, deal, registration, clock.now())
    shown = files.visible_to(who).filter(registration=registration)

    def can_remove(each: Evidence) -> bool:
        return registration is not None and not refusals and not rules.sent_refusals(registration, each)

    return {
        "evidence": [Listed(each, can_remove(each)) for each in shown],
        "can_upload": not refusals,
        "evidence_refusals": refusals,
        "evidence_url": reverse("registrations:evidence", args=[deal.uid]),
        "start_url": reverse("registrations:evidence_start", args=[deal.uid]),
        "part_size": files.PART,
        "accept": ACCEPT,
        "max_files": MAX_FILES,
        "max_megabytes": MAX_BYTES // 1024**2,
        "scans": scan.is_on(),
    }


@require_http_methods(["GET", "POST"])
def evidence(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A side's files as a page of their own (GET); take those of a form (POST): good ones stay when others fail."""
    deal, registration = _own(request, uid)
    reasons: list[Reason] = []
    if request.method == "POST":
        reasons = receive(request, deal)
        if not reasons:
            return back(request, reverse("registrations:evidence", args=[deal.uid]))
        registration = _registration(deal)
    context = {
        "deal": deal,
        "engagement": deal.engagement,
        **evidence_context(request.who, deal, registration),
        "evidence_errors": reasons,
        "back_url": reverse("deals:detail", args=[deal.uid]),
    }
    return render(request, "registrations/evidence/page.html", context, status=422 if reasons else 200)


def receive(request: HttpRequest, deal: Deal) -> list[Reason]:
    """Take the files of a posted form, each by itself; what was refused, with the name of the file.

    For a page whose own form holds the field (`in_form` of the template): call it when `go` is "add_files". Raises
    Refused when the person may add none.
    """
    who, uploads = request.who, request.FILES.getlist("evidence")
    if reasons := rules.adding_refusals(who, deal, _registration(deal), clock.now()):
        raise refused(reasons)
    if not uploads:
        return [kinds.no("no_file", _("Choose a file first."))]
    wrong: list[Reason] = []
    taken = 0
    for upload in uploads:
        try:
            actions.add_file(who, deal.pk, _program(request), upload)
            taken += 1
        except Refused as no:
            name = names.clean(upload.name or "")
            wrong += [kinds.no(each.code, f"{name}: {each.text}", each.fix) for each in no.reasons]
    if taken:
        messages.success(
            request, ngettext("%(count)s file added.", "%(count)s files added.", taken) % {"count": taken}
        )
    return wrong


@require_POST
def start(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A place for a file that comes in parts: `name` and `size` in, the address for the parts out."""
    deal, _registration = _own(request, uid)
    size = request.POST.get("size", "")
    if not (size.isdecimal() and len(size) < 16):
        raise BadRequest("size is a number of bytes")
    try:
        row = actions.start_upload(request.who, deal.pk, _program(request), request.POST.get("name", ""), int(size))
    except Refused as no:
        return _said(no)
    url = reverse("registrations:evidence_part", args=[row.uid])
    return JsonResponse({"uid": str(row.uid), "url": url, "received": row.received})


@require_POST
def part(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The next bytes, from `?offset=`. 409 says where to go on; with the last ones the file is judged as a whole."""
    if request.who is None:
        raise PermissionDenied
    seen = Registration.objects.visible_to(request.who)
    row = get_object_or_404(Evidence, uid=uid, by=request.user, registration__in=seen, removed_at=None)
    offset = request.GET.get("offset", "")
    if not (offset.isdecimal() and len(offset) < 16) or int(request.headers.get("Content-Length") or 0) > files.PART:
        raise BadRequest("offset is a number of bytes, and a part has 1 MiB at most")
    if not row.sha256:  # else the answer to the last part was lost on its way
        try:
            row = actions.add_part(request.who, row.pk, int(offset), request.body)
        except actions.WrongOffset as no:
            return JsonResponse({"received": no.received}, status=409)
        except Refused as no:
            return _said(no)
        except Evidence.DoesNotExist as gone:
            raise Http404 from gone
    return JsonResponse({"received": row.received, "whole": bool(row.sha256), "name": row.name})


@require_safe
def file(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The bytes, to be looked at in place (PDF, images) or downloaded (Office, or with ?download)."""
    if request.who is None:
        raise PermissionDenied
    row = get_object_or_404(files.visible_to(request.who), uid=uid)
    kind = FileKind(row.kind)
    policy = None if "download" in request.GET else POLICIES.get(kind)
    try:
        stream = storage.open_whole(row.uid)
    except FileNotFoundError as gone:
        logger.exception("The bytes of evidence %s are gone", row.uid)
        raise Http404 from gone
    answer = FileResponse(stream, as_attachment=not policy, filename=row.name, content_type=CONTENT_TYPES[kind])
    answer["Cache-Control"] = "private, no-store"
    answer["Content-Security-Policy"] = policy or "default-src 'none'; sandbox; frame-ancestors 'none'"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["X-Frame-Options"] = "SAMEORIGIN" if policy else "DENY"
    return answer


@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Ask, then remove. Behind a dialog the page stays, with all that was typed; its script draws the list anew."""
    if request.who is None:
        raise PermissionDenied
    row = get_object_or_404(files.visible_to(request.who).select_related("registration__deal"), uid=uid)
    page = reverse("registrations:evidence", args=[row.registration.deal.uid])
    reasons = rules.removing_refusals(request.who, row, clock.now())
    if request.method == "POST" and not reasons:
        try:
            actions.remove_file(request.who, row.pk)
        except Refused as no:
            reasons = no.reasons
        else:
            if is_fragment(request):
                return HttpResponse(status=204, headers={"HX-Trigger": "evidence"})
            messages.success(request, _("%(name)s is removed.") % {"name": row.name})
            return redirect(page)
    context = {"file": row, "reasons": reasons, "blocked": bool(reasons), "back_url": page}
    status = refused(reasons).status if reasons else 200
    return render(request, "registrations/evidence/remove.html", context, status=status)


def _own(request: HttpRequest, uid: UUID) -> tuple[Deal, Registration | None]:
    """A side of the person's own organization. To look needs no more; changes are judged by the action."""
    deal = visible_deal(request, uid)
    if deal.organization_id != request.who.organization.pk:
        raise refused(perms.claiming_refusals(request.who, deal))
    return deal, _registration(deal)


def _registration(deal: Deal) -> Registration | None:
    found = Registration.objects.filter(deal=deal).first()
    if found is not None:
        found.deal, found.engagement = deal, deal.engagement
    return found


def _program(request: HttpRequest) -> ProgramCode | None:
    """What the form around the files names, if it names one."""
    given = request.POST.get("program", "")
    return ProgramCode(given) if given in ProgramCode.values else None


def _said(no: Refused) -> HttpResponse:
    """A refusal for the script, which puts it at the file."""
    words = [f"{reason.text} {reason.fix}".strip() for reason in no.reasons]
    return JsonResponse({"codes": [reason.code for reason in no.reasons], "words": words}, status=no.status)
