"""What the sign-in page must know before anybody can sign in."""

from django.http import HttpRequest

from rapport.staff.models import Agent


def set_up_pending(request: HttpRequest) -> dict[str, object]:  # noqa: ARG001 - Django's signature
    """Give Django's templates a question that only the sign-in page asks: is nobody on the staff yet?"""
    return {"set_up_pending": lambda: not Agent.objects.exists()}
