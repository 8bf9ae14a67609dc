from django.urls import path

from accounts.views import profile

app_name = "accounts"
urlpatterns = [
    path("profile/", profile.profile, name="profile"),
    path("switch/", profile.switch, name="switch"),
    path("language/", profile.language, name="language"),
    path("theme/", profile.theme, name="theme"),
]
