"""Routes of the web floor."""

from django.urls import path

from rapport.kernel.web import views

app_name = "web"
urlpatterns = [
    path("assets/<slug:digest>.css", views.stylesheet, name="stylesheet"),
    path("assets/<slug:digest>/<path:name>", views.module, name="module"),
]
