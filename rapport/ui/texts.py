"""The texts that scripts show, as JSON under an address that changes with them."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from rapport.kernel.web import assets, render


@dataclass(frozen=True)
class Texts:
    """The texts of one language: JSON, and the digest in its address."""

    content: str
    digest: str


@lru_cache(maxsize=len(settings.LANGUAGES))
def texts_in(language: str) -> Texts:
    """Return the texts of ``language``."""
    with translation.override(language):
        content = render.jinja().get_template("ui/texts.html").render().strip()
    return Texts(content, hashlib.sha256(content.encode()).hexdigest()[: assets.DIGEST_LENGTH])


def texts_url() -> str:
    """Return the address of the texts in the language of now."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    return reverse("ui:texts", args=[language, texts_in(language).digest])
