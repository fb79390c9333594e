"""HTML from strangers made safe, in two forms.

`reading_form` is style-free: paragraphs, lists, tables, links, images. `original_look` keeps styles and is
only for a sandboxed frame without scripts and with `default-src 'none'`. Neither holds a script, handler,
dangerous URL or form.
"""

import html as html_module
import re
from collections.abc import Callable

import nh3

from rapport.kernel.text.extract import text_of
from rapport.kernel.text.paragraphs import paragraphs

SANITISER_VERSION = 1
"""Raised when the output for the same input changes; stored with sanitised HTML so that it can be remade."""

ImageSource = Callable[[str], str | None]

_TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "blockquote",
        "br",
        "caption",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
        "wbr",
    ]
)
_LOOK_TAGS = _TAGS | {
    "center",
    "font",
    "big",
    "section",
    "article",
    "header",
    "footer",
    "nav",
    "address",
    "main",
}
_DROPPED = frozenset(
    [
        "script",
        "style",
        "title",
        "template",
        "textarea",
        "iframe",
        "object",
        "embed",
        "applet",
        "svg",
        "math",
        "noscript",
        "noembed",
        "noframes",
        "xmp",
        "plaintext",
        "select",
        "audio",
        "video",
        "canvas",
        "map",
        "frameset",
        "portal",
    ]
)
_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start", "reversed", "type"},
    "col": {"span"},
    "colgroup": {"span"},
}
_LOOK_ATTRIBUTES = {
    **_ATTRIBUTES,
    "*": {
        "dir",
        "lang",
        "title",
        "style",
        "align",
        "valign",
        "bgcolor",
        "color",
        "width",
        "height",
        "border",
    },
    "table": {"cellpadding", "cellspacing"},
    "font": {"face", "size"},
}
_SCHEMES = {"http", "https", "mailto", "tel", "cid", "data"}
_LINK = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)
_IMAGE = re.compile(r"/(?!/)|https?://|cid:|data:image/(?:png|gif|jpeg|webp);base64,", re.IGNORECASE)
_INVISIBLE = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\ufeff]")
_NUMBER = re.compile(r"\d{1,5}%?$")
_BAD_CSS = re.compile(
    r"url|expression|javascript|vbscript|behavio|binding|import|image-set|element\s*\(|attr\s*\(|"
    r"var\s*\(|env\s*\(|filter|[\\<>{}@]|/\*|position|content\s*:|cursor"
    r"|data\s*:|-moz-|src\s*:",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_CLOSED_BY_OTHERS = frozenset(
    [
        "p",
        "li",
        "td",
        "th",
        "tr",
        "tbody",
        "thead",
        "tfoot",
        "dt",
        "dd",
        "option",
        "colgroup",
        "br",
        "hr",
        "img",
        "col",
        "wbr",
        "input",
        "meta",
        "link",
        "base",
        "area",
    ]
)
_MAX_DEPTH = 600
_MAX_REFERENCES = 50_000
_MAX_BYTES = 4 * 1024 * 1024


def no_images(_source: str) -> str | None:
    """The image callback that shows none."""
    return None


def reading_form(html: str, image: ImageSource = no_images) -> str:
    """Return HTML without styles, safe to put into our own pages.

    `image` gets the source of each image (`cid:…`, `https://…`, `data:…`) and returns the address to show
    instead: a path of ours, `cid:` or an image address; None leaves the image without a source.
    """
    return _clean(html, _TAGS, _ATTRIBUTES, image, styled=False)


def formatted(html: str) -> str:
    """Return what staff formatted for many messages, such as a signature: as `reading_form`, without images.

    Empty where it shows no words.
    """
    clean = _clean(html, _TAGS - {"img"}, _ATTRIBUTES, no_images, styled=False)
    return clean if text_of(clean).strip() else ""


def original_look(html: str, image: ImageSource = no_images) -> str:
    """Return HTML with harmless inline styles, only for a sandboxed frame; style sheets are left out."""
    return _clean(html, _LOOK_TAGS, _LOOK_ATTRIBUTES, image, styled=True)


def _too_costly(html: str) -> bool:
    # The parser takes quadratic time over very many character references in one text.
    if html.count("&") > _MAX_REFERENCES:
        return True
    if html.count("<") < _MAX_DEPTH:
        return False
    open_tags: dict[str, int] = {}
    depth = 0
    for tag in _TAG.finditer(html):
        name = tag[2].lower()
        if name in _CLOSED_BY_OTHERS:
            continue
        if not tag[1]:
            open_tags[name] = open_tags.get(name, 0) + 1
            depth += 1
            if depth > _MAX_DEPTH:
                return True
        elif open_tags.get(name):
            open_tags[name] -= 1
            depth -= 1
    return False


def _clean(
    html: str, tags: frozenset[str], attributes: dict[str, set[str]], image: ImageSource, *, styled: bool
) -> str:
    def attribute(tag: str, name: str, value: str) -> str | None:
        return _attribute(tag, name, value, image, styled)

    if _too_costly(html):
        return paragraphs(text_of(html))
    return nh3.clean(
        html[:_MAX_BYTES].replace("\x00", ""),
        tags=set(tags),
        clean_content_tags=set(_DROPPED),
        attributes=attributes,
        attribute_filter=attribute,
        url_schemes=_SCHEMES,
        strip_comments=True,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def _attribute(tag: str, name: str, value: str, image: ImageSource, styled: bool) -> str | None:
    if name == "href":
        bare = _INVISIBLE.sub("", value)
        return value.strip() if tag == "a" and _LINK.match(bare) and _LINK.match(value.strip()) else None
    if name == "src":
        shown = image(value.strip())
        return shown if shown and _IMAGE.match(shown) else None
    if name in (
        "width",
        "height",
        "colspan",
        "rowspan",
        "span",
        "start",
        "border",
        "cellpadding",
        "cellspacing",
        "size",
    ):
        return value if _NUMBER.match(value.strip()) else None
    if name == "style":
        return _style(value) if styled else None
    if name in ("bgcolor", "color", "face", "align", "valign"):
        return value if re.fullmatch(r"[#\w ,.\-]{1,60}", value) else None
    return value[:1000]


def _style(value: str) -> str | None:
    declarations = (piece.strip() for piece in html_module.unescape(value)[:4000].split(";"))
    kept = [piece for piece in declarations if ":" in piece and not _BAD_CSS.search(piece)]
    return "; ".join(kept) or None
