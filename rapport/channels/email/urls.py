"""Addresses that mail services call."""

from django.urls import path

from rapport.channels.email.receive import webhook

urlpatterns = [path("hooks/mail/<str:path>", webhook.receive, name="email-webhook")]
