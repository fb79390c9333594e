"""The signature under an outgoing message: the agent's own, then the brand's; variables from a fixed map."""

from functools import lru_cache
from html import escape

from rapport.kernel.text.sanitise import reading_form
from rapport.staff.models import Agent, Brand


def signature_for(agent: Agent, brand: Brand) -> str:
    """Return the sanitised signature that goes under this agent's messages for this brand."""
    templates = (template for template in (agent.signature_html, brand.signature_html) if template)
    return "".join(f"<div>{_filled(each, agent.shown_name, brand.name)}</div>" for each in templates)


@lru_cache(maxsize=256)
def _filled(template: str, agent_name: str, brand_name: str) -> str:
    filled = template.replace("{agent.name}", escape(agent_name)).replace("{brand.name}", escape(brand_name))
    return reading_form(filled)
