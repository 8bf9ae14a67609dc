from django.urls import path

from accounts.views import away, calendar, join, profile, sessions

app_name = "accounts"
urlpatterns = [
    path("profile/", profile.profile, name="profile"),
    path("profile/sessions/", sessions.sessions, name="sessions"),
    path("join/<str:token>/", join.join, name="join"),
    path("switch/", profile.switch, name="switch"),
    path("language/", profile.language, name="language"),
    path("away/", away.away, name="away"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("here/", away.here, name="here"),
    path("theme/", profile.theme, name="theme"),
]
