"""Routes of the bell."""

from django.urls import path

from rapport.notifications import views

app_name = "notifications"
urlpatterns = [
    path("notifications", views.notifications, name="list"),
    path("notifications/count", views.count, name="count"),
    path("notifications/read", views.read, name="read"),
]
