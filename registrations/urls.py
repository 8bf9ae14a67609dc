from django.urls import path

from registrations.views import evidence, receipts, why

app_name = "registrations"
urlpatterns = [
    path("deals/<uuid:uid>/registration/evidence/", evidence.evidence, name="evidence"),
    path("deals/<uuid:uid>/registration/evidence/start/", evidence.start, name="evidence_start"),
    path("evidence/<uuid:uid>/", evidence.file, name="file"),
    path("evidence/<uuid:uid>/part/", evidence.part, name="evidence_part"),
    path("evidence/<uuid:uid>/remove/", evidence.remove, name="evidence_remove"),
    path("deals/<uuid:uid>/registration/why/", why.why, name="why"),
    path("receipts/<uuid:uid>.json", receipts.receipt_json, name="receipt_json"),
    path("receipts/<uuid:uid>.pdf", receipts.receipt_pdf, name="receipt_pdf"),
    path("receipts/keys/<str:kid>.pem", receipts.receipt_key, name="receipt_key"),
]
