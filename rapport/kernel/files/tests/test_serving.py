"""SEC-03: whatever a file is, and whatever its sender calls it, it does not act in the product's origin."""

import zlib
from io import BytesIO

import pytest
from PIL import Image

from rapport.kernel.files.images import Size, Unreadable, probe, thumbnail
from rapport.kernel.files.serving import serve as answer
from rapport.kernel.files.storage import Damaged, path_of, store
from rapport.kernel.files.tests.polyglots import CLAIMS, HTML, PAYLOADS, PDF, _gif, _jpeg, _png
from rapport.kernel.files.types import IMAGES, SHOWN_INLINE, UNKNOWN, content_type_of

pytestmark = pytest.mark.django_db
CASES = [(name, claim) for name in PAYLOADS for claim in CLAIMS]


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def serve():
    """The function under test; what it opens is closed."""
    responses = []

    def served(stored, *, inline):
        responses.append(answer(stored, inline=inline))
        return responses[-1]

    yield served
    for response in responses:
        response.file_to_stream.close()


def policy(response) -> set[str]:
    return {part.strip() for part in response.headers["Content-Security-Policy"].split(";")}


@pytest.mark.parametrize(("name", "claim"), CASES)
@pytest.mark.parametrize("inline", [True, False])
def test_polyglots_are_inert(serve, name, claim, inline):
    response = serve(store(PAYLOADS[name], name=name, content_type=claim), inline=inline)
    assert b"".join(response.streaming_content) == PAYLOADS[name]
    sent = response.headers["Content-Type"]
    assert sent in SHOWN_INLINE | {UNKNOWN}
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in policy(response)
    assert not any("script" in part for part in policy(response))
    shown = response.headers["Content-Disposition"].startswith("inline")
    assert not (shown and not inline)
    assert not (shown and sent not in SHOWN_INLINE)
    assert "sandbox" in policy(response) or (shown and sent == "application/pdf")


@pytest.mark.parametrize(
    ("content", "claimed", "found"),
    [
        (_png(b"x"), "text/html", "image/png"),
        (_jpeg(b"x"), "", "image/jpeg"),
        (_gif(b""), "application/pdf", "image/gif"),
        (PDF, "text/plain", "application/pdf"),
        (HTML, "image/png", "text/html"),
        (HTML, "text/plain", "text/html"),
        (PAYLOADS["drawing.svg"], "image/png", "image/svg+xml"),
        (b"hello", "text/plain; charset=utf-8", "text/plain"),
        (b"a,b\n1,2\n", "text/csv", "text/csv"),
        (b"hello", "image/png", UNKNOWN),
        (b"hello", "application/pdf", UNKNOWN),
        (b"hello", "text/html", UNKNOWN),
        (b"hello", "nonsense", UNKNOWN),
        (b"hello", "text/plain\r\nX: y", UNKNOWN),
        (b"hel\0lo", "text/plain", UNKNOWN),
        (b"", "text/plain", "text/plain"),
        (b"", "", UNKNOWN),
        (b"PK\x03\x04" + bytes(60), "application/vnd.ms-excel", "application/vnd.ms-excel"),
        (b"From: a\r\n\r\n<html>", "message/rfc822", "message/rfc822"),
    ],
)
def test_types_are_told_from_the_bytes(content, claimed, found):
    assert content_type_of(content, claimed=claimed) == found


def test_images_and_pdfs_are_shown_inline_only_when_asked(serve):
    for content in (_png(b""), _jpeg(b""), _gif(b""), PDF):
        stored = store(content, name="a")
        assert serve(stored, inline=True).headers["Content-Disposition"].startswith("inline")
        assert serve(stored, inline=False).headers["Content-Disposition"].startswith("attachment")


def test_headers_tell_length_and_keep_the_answer_private(serve):
    response = serve(store(b"hello", name="März.txt", content_type="text/plain"), inline=True)
    assert response.headers["Content-Length"] == "5"
    assert response.headers["Cache-Control"].startswith("private")
    assert "filename*=UTF-8''M%C3%A4rz.txt" in response.headers["Content-Disposition"]


def test_a_damaged_file_is_not_served(serve):
    stored = store(b"hello", name="a")
    path_of(stored.key).write_bytes(b"h")
    with pytest.raises(Damaged):
        serve(stored, inline=False)


def _claiming(edge: int) -> bytes:
    small = BytesIO()
    Image.new("1", (edge, 1)).save(small, "PNG")
    whole = bytearray(small.getvalue())
    whole[20:24] = edge.to_bytes(4, "big")
    whole[29:33] = zlib.crc32(bytes(whole[12:29])).to_bytes(4, "big")
    return bytes(whole)


@pytest.mark.parametrize("edge", [8_001, 20_000, 50_000])
def test_a_giant_image_is_refused_before_it_is_decoded(edge):
    for act in (probe, lambda content: thumbnail(content, edge=64)):
        with pytest.raises(Unreadable) as refused:
            act(_claiming(edge))
        assert "broken" not in str(refused.value)


@pytest.mark.parametrize(
    "content", [b"", b"hello", HTML, PDF, PAYLOADS["drawing.svg"], b"BM" + bytes(90), b"GIF89a"]
)
def test_what_is_no_raster_image_is_unreadable(content):
    with pytest.raises(Unreadable):
        probe(content)


@pytest.mark.parametrize("make", [lambda: _png(b"x"), lambda: _jpeg(b"x"), lambda: _gif(b"")])
def test_every_cut_of_an_image_is_read_or_refused(make):
    whole = make()
    for end in range(0, len(whole), 7):
        try:
            thumbnail(whole[:end], edge=2)
        except Unreadable:
            continue


def test_thumbnails_fit_stand_upright_and_carry_no_metadata():
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "secret place"
    target = BytesIO()
    Image.new("RGB", (400, 200), "green").save(target, "JPEG", exif=exif)
    assert probe(target.getvalue()) == Size(400, 200)
    small = thumbnail(target.getvalue(), edge=100)
    assert probe(small) == Size(50, 100)
    assert b"secret" not in small
    assert content_type_of(small, claimed="") in IMAGES


def test_transparency_survives():
    target = BytesIO()
    Image.new("RGBA", (10, 10), (255, 0, 0, 0)).save(target, "PNG")
    with Image.open(BytesIO(thumbnail(target.getvalue(), edge=5))) as small:
        assert small.mode == "RGBA"
        assert small.getpixel((2, 2))[3] == 0
