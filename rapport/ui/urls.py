"""Pages of the design system: the shortcut sheet and the living design page."""

from django.urls import path

from rapport.ui import views

app_name = "ui"
urlpatterns = [
    path("texts/<slug:language>/<slug:digest>.json", views.texts, name="texts"),
    path("shortcuts", views.shortcuts, name="shortcuts"),
    path("design", views.design, name="design"),
]
