from django.urls import path

from deals.views import act, customers, detail, drafts, invite, lists, matching, wizard

app_name = "deals"
urlpatterns = [
    path("", lists.home, name="home"),
    path("opportunities/new/", drafts.new, name="new"),
    path("opportunities/<slug:tab>/", lists.deal_list, name="list"),
    path("drafts/", drafts.drafts, name="drafts"),
    path("drafts/<uuid:uid>/discard/", drafts.discard, name="draft_discard"),
    path("drafts/<uuid:uid>/customers/", customers.customers, name="draft_customers"),
    path("drafts/<uuid:uid>/customers/directory/", customers.directory, name="draft_directory"),
    path("drafts/<uuid:uid>/customers/near/", customers.near, name="draft_near"),
    path("drafts/<uuid:uid>/<slug:slug>/", wizard.draft, name="draft"),
    path("deals/<uuid:uid>/", detail.detail, name="detail"),
    path("deals/<uuid:uid>/do/<slug:action>/", act.act, name="act"),
    path("deals/<uuid:uid>/edit/<slug:section>/", act.edit, name="edit"),
    path("deals/<uuid:uid>/invite/", invite.invite, name="invite"),
    path("deals/<uuid:uid>/withdraw/<int:side>/", invite.withdraw, name="withdraw"),
    path("deals/<uuid:uid>/note/", detail.note, name="note"),
    path("deals/<uuid:uid>/favorite/", detail.favorite, name="favorite"),
    path("deals/<uuid:uid>/seen/", detail.seen, name="seen"),
    path("deals/<uuid:uid>/undo/", detail.undo, name="undo"),
    path("deals/<uuid:uid>/customer/", detail.answer_about_customer, name="match_answer"),
    path("matching/merge/", matching.merge, name="merge_accounts"),
    path("matching/case/<uuid:uid>/", matching.case, name="match_case"),
    path("matching/case/<uuid:uid>/<slug:decision>/", matching.decide, name="match_decide"),
    path("matching/<slug:tab>/", matching.queue, name="matching"),
]
