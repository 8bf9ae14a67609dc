from django.urls import path

from registrations.views import case, evidence, exceptions, numbers, partner, queue, receipts, why

app_name = "registrations"
urlpatterns = [
    path("deals/<uuid:uid>/registration/evidence/", evidence.evidence, name="evidence"),
    path("deals/<uuid:uid>/registration/evidence/start/", evidence.start, name="evidence_start"),
    path("evidence/<uuid:uid>/", evidence.file, name="file"),
    path("evidence/<uuid:uid>/part/", evidence.part, name="evidence_part"),
    path("evidence/<uuid:uid>/remove/", evidence.remove, name="evidence_remove"),
    path("deals/<uuid:uid>/registration/", partner.registration, name="registration"),
    path("deals/<uuid:uid>/registration/annual/", partner.annual, name="annual"),
    path("deals/<uuid:uid>/registration/change/", partner.change, name="change"),
    path("deals/<uuid:uid>/registration/change/withdraw/", partner.withdraw_change, name="withdraw_change"),
    path("deals/<uuid:uid>/registration/exception/", partner.exception, name="exception"),
    path("deals/<uuid:uid>/registration/waive/", partner.waive, name="waive"),
    path("deals/<uuid:uid>/registration/why/", why.why, name="why"),
    path("receipts/<uuid:uid>.json", receipts.receipt_json, name="receipt_json"),
    path("receipts/<uuid:uid>.pdf", receipts.receipt_pdf, name="receipt_pdf"),
    path("receipts/keys/<str:kid>.pem", receipts.receipt_key, name="receipt_key"),
    path("review/", queue.home, name="review_home"),
    path("review/next/", queue.next_one, name="review_next"),
    path("review/keys/", queue.keys, name="review_keys"),
    path("review/filters/", queue.filters, name="review_filters"),
    path("review/bulk/", queue.bulk, name="review_bulk"),
    path("review/row/<uuid:uid>/release/", queue.release, name="review_release"),
    path("review/row/<uuid:uid>/assign/", queue.assign, name="review_assign"),
    path("review/<uuid:uid>/", case.case, name="case"),
    path("review/<uuid:uid>/do/<slug:act>/", case.act, name="case_act"),
    path("exceptions/<uuid:uid>/", exceptions.exception_case, name="exception_case"),
    path("review/numbers/", numbers.numbers, name="numbers"),
    path("review/<slug:tab>/", queue.review, name="review"),  # last: a slug can be anything
]
