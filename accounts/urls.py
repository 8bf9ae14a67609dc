from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("switch/", views.switch, name="switch"),
    path("language/", views.language, name="language"),
    path("theme/", views.theme, name="theme"),
]
