"""Files that try to run in the product's origin: each does a harmful thing by asking for ``/beacon``."""

import struct
import zlib
from io import BytesIO

from PIL import Image

SCRIPT = b"<script>fetch('/beacon?script');new Image().src='/beacon?image'</script>"
HTML = b"<!doctype html><html><body onload=\"fetch('/beacon')\">" + SCRIPT + b"</body></html>"
SVG = (
    b"<svg xmlns='http://www.w3.org/2000/svg' onload=\"fetch('/beacon')\"><script>fetch('/beacon')</script>"
    b"<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'><iframe src='javascript:fetch(1)'/></body>"
    b"<image href='/beacon'/></foreignObject></svg>"
)
XSLT = (
    b"<?xml version='1.0'?><?xml-stylesheet type='text/xsl' href='/beacon'?>"
    b"<html xmlns='http://www.w3.org/1999/xhtml'><script>fetch('/beacon')</script></html>"
)
JAVASCRIPT = b"/*\x89PNG*/fetch('/beacon');"
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction"
    b"<</S/JavaScript/JS(app.launchURL('/beacon');)>>>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


def _png(comment: bytes) -> bytes:
    target = BytesIO()
    Image.new("RGB", (3, 3), "red").save(target, "PNG")
    whole = target.getvalue()
    chunk = b"tEXt" + b"Comment\0" + comment
    text = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return whole[:33] + text + whole[33:]


def _jpeg(comment: bytes) -> bytes:
    target = BytesIO()
    Image.new("RGB", (3, 3), "red").save(target, "JPEG", comment=comment)
    return target.getvalue()


def _gif(tail: bytes) -> bytes:
    target = BytesIO()
    Image.new("RGB", (3, 3), "red").save(target, "GIF")
    return target.getvalue() + tail


PAYLOADS = {
    "page.html": HTML,
    "bare-script.txt": b"just text " + SCRIPT,
    "late-script.csv": b"a,b\n" * 2000 + HTML,
    "utf16.html": HTML.decode().encode("utf-16"),
    "utf7.txt": b"+ADw-script+AD4-fetch('/beacon')+ADw-/script+AD4-",
    "bom.html": b"\xef\xbb\xbf" + HTML,
    "drawing.svg": SVG,
    "comment.svg": b"<!-- innocent -->" * 400 + SVG,
    "style.xml": XSLT,
    "gif-script.gif": b"GIF89a/*" + HTML + b"*/=1;fetch('/beacon')",
    "tail.gif": _gif(HTML),
    "comment.png": _png(HTML),
    "comment.jpg": _jpeg(HTML),
    "page.pdf": PDF + HTML,
    "late.pdf": b"\n" * 100 + PDF + HTML,
    "module.js": JAVASCRIPT,
    "archive.mht": b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + HTML,
    "zip.html": b"PK\x03\x04" + HTML,
    "webp.html": b"RIFF\x00\x00\x00\x00WEBP" + HTML,
    "bmp.html": b"BM" + HTML,
}
CLAIMS = (
    "text/html",
    "image/svg+xml",
    "image/png",
    "application/pdf",
    "application/xhtml+xml",
    "text/plain; charset=utf-7",
)
