from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from cosell.events import previewing, unsubscribing, views

app_name = "events"

urlpatterns: list[URLPattern | URLResolver] = [
    path("bell/", views.bell, name="bell"),
    path("bell/count/", views.count, name="bell_count"),
    path("bell/<int:pk>/read/", views.read, name="read"),
    path("bell/read-all/", views.read_all, name="read_all"),
    path("notifications/preferences/", views.choose, name="preferences"),
    path("unsubscribe/<str:token>/", unsubscribing.unsubscribe, name="unsubscribe"),
    path("messages/", previewing.preview_list, name="preview_list"),
    path("messages/<slug:name>/", previewing.preview, name="preview"),
    path("messages/<slug:name>/html/", previewing.preview_html, name="preview_html"),
]
# What a mail service tells of mails that came back (docs/mail.md); never without its secret.
if settings.ANYMAIL.get("WEBHOOK_SECRET"):
    urlpatterns.append(path("mail-service/", include("anymail.urls")))
