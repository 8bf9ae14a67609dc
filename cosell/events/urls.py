from django.urls import path

from cosell.events import views

app_name = "events"

urlpatterns = [
    path("bell/", views.bell, name="bell"),
    path("bell/<int:pk>/read/", views.read, name="read"),
    path("bell/read-all/", views.read_all, name="read_all"),
]
