"""Pages of the design system: the shortcut sheet and the living design page."""

from django.urls import path

from rapport.ui import views

app_name = "ui"
urlpatterns = [
    path("shortcuts", views.shortcuts, name="shortcuts"),
    path("design", views.design, name="design"),
]
