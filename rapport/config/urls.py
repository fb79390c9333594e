"""Every address of the product."""

from django.urls import include, path

from rapport.config import health
from rapport.config.policy import POLICY
from rapport.staff import doors

doors.declare(POLICY)

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("", include("rapport.workspace.urls")),
    path("", include("rapport.channels.email.urls")),
    path("", include("rapport.kernel.web.urls")),
    path("", include("rapport.ui.urls")),
    path("", include("rapport.canned_replies.urls")),
    path("", include("rapport.notifications.urls")),
    path("", include("rapport.console.urls")),
    path("", include("rapport.demo.urls")),
]

handler400 = "rapport.console.views.errors.bad_request"
handler403 = "rapport.console.views.errors.refused"
handler404 = "rapport.console.views.errors.not_found"
handler500 = "rapport.console.views.errors.broken"
