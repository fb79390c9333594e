"""What a member of staff says about themselves, and their name, which others may mend."""

from zoneinfo import available_timezones

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.kernel.files import images, storage
from rapport.staff import audit
from rapport.staff.authority import Refused, require_over
from rapport.staff.kinds import AboutAgent
from rapport.staff.models import Agent
from rapport.staff.signature import signature

AVATAR_EDGE = 256
AVATAR_MAX_BYTES = 10 * 1024 * 1024
PLAIN_FIELDS = ("name", "public_name", "bio", "language", "time_zone")


def update_profile(
    *,
    actor: Agent | None,
    agent: Agent,
    name: str,
    public_name: str,
    bio: str,
    language: str,
    time_zone: str,
    signature_html: str,
) -> None:
    """Change name, signature, language and time zone of oneself, or of somebody one manages.

    Raises:
        NotAllowed: it is not the actor's own profile, and the actor may not manage people of this role.
        Refused: an empty name, an unknown language or time zone.

    """
    _require_self_or_over(actor, agent)
    if not name.strip():
        raise Refused("name", _("A name is needed."))
    if language not in dict(settings.LANGUAGES):
        raise Refused("language", _("This language is not available."))
    if time_zone not in available_timezones():
        raise Refused("time_zone", _("This time zone does not exist."))
    values = {
        "name": name.strip()[:120],
        "public_name": public_name.strip()[:120],
        "bio": bio.strip()[:200],
        "language": language,
        "time_zone": time_zone,
        "signature_html": signature(signature_html),
    }
    with transaction.atomic():
        about = AboutAgent(agent_id=agent.pk)
        audit.change(actor, "agent.profile_changed", about, about=agent, values=values)
    for field, value in values.items():
        setattr(agent, field, value)


def rename(*, actor: Agent | None, agent: Agent, name: str) -> None:
    """Change the name of oneself, or of somebody one manages.

    Raises:
        NotAllowed: it is not the actor's own, and the actor may not manage people of this role.
        Refused: an empty name.

    """
    _require_self_or_over(actor, agent)
    if not name.strip():
        raise Refused("name", _("A name is needed."))
    with transaction.atomic():
        about, values = AboutAgent(agent_id=agent.pk), {"name": name.strip()[:120]}
        audit.change(actor, "agent.profile_changed", about, about=agent, values=values)
    agent.name = values["name"]


def set_avatar(*, actor: Agent | None, agent: Agent, content: bytes | None) -> None:
    """Give the agent a picture, re-encoded to a small square without metadata; None takes it away.

    Raises:
        NotAllowed: see ``update_profile``.
        Refused: the bytes are no image that is safe to decode.

    """
    _require_self_or_over(actor, agent)
    avatar = None
    if content is not None:
        if len(content) > AVATAR_MAX_BYTES:
            raise Refused("avatar", _("The picture is larger than 10 MB."))
        try:
            small = images.thumbnail(content, edge=AVATAR_EDGE)
        except images.Unreadable:
            raise Refused("avatar", _("This is no readable PNG, JPEG, GIF or WebP picture.")) from None
        avatar = storage.store(small, name="avatar.webp", content_type="image/webp")
    with transaction.atomic():
        Agent.objects.filter(pk=agent.pk).update(avatar=avatar)
        audit.record(actor, "agent.profile_changed", AboutAgent(agent_id=agent.pk), about=agent)
    agent.avatar = avatar


def _require_self_or_over(actor: Agent | None, agent: Agent) -> None:
    if actor is None or actor.pk != agent.pk:
        require_over(actor, agent.role)
