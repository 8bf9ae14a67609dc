from django.contrib import admin
from django.urls import include, path

from cosell.web import views

urlpatterns = [
    path("", include("deals.urls")),
    path("", include("registrations.urls")),
    path("", include("accounts.urls")),
    path("", include("cosell.events.urls")),
    path("sign-in/", include("accounts.sign_in_urls")),
    path("admin/", admin.site.urls),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
handler400 = "cosell.web.views.bad_request"
handler403 = "cosell.web.views.forbidden"
handler404 = "cosell.web.views.not_found"
handler500 = "cosell.web.views.server_error"
