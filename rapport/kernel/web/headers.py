"""Security headers on every answer, whatever its status.

A view may set its own Content-Security-Policy, which is kept (the original look of a mail does). Pages with
the rich-text editor ask for a nonce by :func:`nonce`, because the editor adds two style elements of its own.
"""

import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from rapport.kernel.web import modules

PERMISSIONS = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
    "microphone=(), midi=(), payment=(), usb=(), browsing-topics=()"
)


def nonce(request: HttpRequest) -> str:
    """Return the style nonce of this answer, making it at the first call."""
    found: str | None = getattr(request, "style_nonce", None)
    if found is None:
        found = secrets.token_urlsafe(16)
        request.style_nonce = found  # type: ignore[attr-defined]
    return found


def policy(request: HttpRequest) -> str:
    """Return the Content-Security-Policy of an ordinary page (CSP 3)."""
    style_nonce = getattr(request, "style_nonce", None)
    styles = f"'self' 'nonce-{style_nonce}'" if style_nonce else "'self'"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {modules.import_map_hash()}",
            f"style-src {styles}",
            "img-src 'self' data: blob:",
            "connect-src 'self'",
            "font-src 'self'",
            "frame-src 'self'",
            "worker-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'self'",
        )
    )


class SecurityHeadersMiddleware:
    """Sets the headers that the answer does not set itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request with security headers added."""
        response = self.get_response(request)
        headers = response.headers
        if "Content-Security-Policy" not in headers:
            headers["Content-Security-Policy"] = policy(request)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response
