"""Signed receipts to keep, and the public keys to check them with (docs/receipts.md)."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from deals.views.detail import visible_deal
from registrations.models import Receipt, ReceiptKey, Registration
from registrations.receipts.payload import document
from registrations.receipts.pdf import pdf_of


@require_safe
def receipt_json(request: HttpRequest, uid: UUID) -> HttpResponse:
    receipt = _receipt(request, uid)
    return _download(receipt, document(receipt), "application/json", "json")


@require_safe
def receipt_pdf(request: HttpRequest, uid: UUID) -> HttpResponse:
    receipt = _receipt(request, uid)
    return _download(receipt, pdf_of(receipt), "application/pdf", "pdf")


@login_not_required
@require_safe
def receipt_key(request: HttpRequest, kid: str) -> HttpResponse:
    """Public: whoever holds a receipt can check it."""
    key = get_object_or_404(ReceiptKey, kid=kid)
    return HttpResponse(key.public_pem, content_type="application/x-pem-file")


def _receipt(request: HttpRequest, uid: UUID) -> Receipt:
    """Of a registration that the person may open; a colleague without the right is told why, a stranger gets a 404."""
    if request.who is None:
        raise PermissionDenied
    receipts = Receipt.objects.select_related("key", "registration__deal", "registration__engagement")
    receipt = get_object_or_404(receipts, uid=uid)
    if Registration.objects.visible_to(request.who).filter(pk=receipt.registration_id).exists():
        return receipt
    visible_deal(request, receipt.registration.deal.uid)
    raise Http404


def _download(receipt: Receipt, content: str | bytes, content_type: str, ending: str) -> HttpResponse:
    name = f"{receipt.registration.engagement.reference}-{receipt.kind}-{receipt.number}.{ending}"
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
