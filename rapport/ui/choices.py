"""What forms offer: time zones and languages, by the names that people know."""

from zoneinfo import available_timezones

from django.conf.locale import LANG_INFO
from django.utils.translation import get_language_info


def zones() -> list[tuple[str, str]]:
    """Return the time zones with a continent and a city, and UTC."""
    named = sorted(
        name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/"))
    )
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in named)]


def language_name(code: str) -> str:
    """Return the name of a language in the reader's own; the code where nobody named it."""
    try:
        return str(get_language_info(code)["name_translated"]) if code else ""
    except KeyError:
        return code


def all_languages() -> list[tuple[str, str]]:
    """Return every language with a name, by its name: a person may speak another than the screens."""
    codes = [code for code, known in LANG_INFO.items() if "name" in known]
    return sorted(((code, language_name(code)) for code in codes), key=lambda pair: pair[1].casefold())
