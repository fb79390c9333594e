"""Routes of canned replies."""

from django.urls import path

from rapport.canned_replies import views

app_name = "canned_replies"
urlpatterns = [path("canned", views.search, name="search")]
