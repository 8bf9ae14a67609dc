from django.urls import path

from deals.views import act, detail, invite, lists, wizard

app_name = "deals"
urlpatterns = [
    path("", lists.home, name="home"),
    path("opportunities/new/", wizard.new, name="new"),
    path("opportunities/<slug:tab>/", lists.deal_list, name="list"),
    path("drafts/", wizard.drafts, name="drafts"),
    path("drafts/<uuid:uid>/discard/", wizard.discard, name="draft_discard"),
    path("drafts/<uuid:uid>/customers/", wizard.customers, name="draft_customers"),
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
]
