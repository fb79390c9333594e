"""Attachments: chosen as data while telling, made into bytes only when somebody asks."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from random import Random

from rapport.demo.story.model import Attachment, FileKind
from rapport.demo.story.texts import load

_TYPES = {
    "photo": "image/jpeg",
    "screenshot": "image/png",
    "pdf": "application/pdf",
    "invoice": "application/pdf",
    "log": "text/plain",
}


def describe(
    rng: Random, kind: FileKind, at: datetime, subject: str, lines: tuple[str, ...] = ()
) -> Attachment:
    """A file of a kind with a name as phones, scanners and shops give them."""
    name = rng.choice(load("files")[kind]).format(
        n1=rng.randrange(1, 9), n4=rng.randrange(1000, 9999), n6=f"{at:%H%M%S}", d8=f"{at:%Y%m%d}"
    )
    return Attachment(kind, name, _TYPES[kind], rng.randrange(2**31), subject, lines)


def content(file: Attachment) -> bytes:
    """The bytes of a file: the same for the same description."""
    if file.kind == "photo":
        return _photo(file)
    if file.kind == "screenshot":
        return _screenshot(file)
    if file.kind == "log":
        return _log(file)
    return _pdf(file)


def _photo(file: Attachment) -> bytes:
    """A bike or a parcel on a floor, with the damage marked as people mark it."""
    from PIL import Image, ImageDraw

    rng = Random(file.seed)
    width, height = 800, 600
    wall, floor = (
        rng.choice(((196, 203, 199), (214, 205, 190), (176, 188, 202), (120, 138, 112))),
        rng.randrange(90, 150),
    )
    image = Image.new("RGB", (width, height), wall)
    draw = ImageDraw.Draw(image)
    horizon = rng.randrange(330, 420)
    draw.rectangle((0, horizon, width, height), fill=(floor, floor - 12, floor - 26))
    for _ in range(9):
        x = rng.randrange(width)
        draw.line(
            (x, horizon, x + rng.randrange(-160, 160), height),
            fill=(floor - 20, floor - 32, floor - 46),
            width=2,
        )
    colour = rng.choice(((31, 111, 92), (36, 56, 99), (170, 52, 38), (40, 40, 44), (214, 160, 50)))
    if "parcel" in file.subject:
        x, y = rng.randrange(180, 280), rng.randrange(210, 260)
        draw.polygon([(x, y), (x + 340, y - 20), (x + 372, y + 240), (x + 24, y + 270)], fill=(183, 143, 96))
        draw.line((x + 170, y - 10, x + 196, y + 256), fill=(212, 190, 140), width=26)
        draw.polygon([(x + 372, y + 240), (x + 300, y + 180), (x + 330, y + 246)], fill=(92, 66, 40))
    else:
        x, y, radius = rng.randrange(150, 200), rng.randrange(280, 320), 128
        for centre in (x + 80, x + 400):
            draw.ellipse((centre - radius, y - 20, centre + radius, y + 236), outline=(28, 28, 30), width=12)
            for spoke in range(12):
                dx, dy = (radius - 8) * (spoke - 6) / 6, radius * (1 - abs(spoke - 6) / 6)
                draw.line((centre, y + 108, centre + dx, y + 108 - dy), fill=(150, 152, 156), width=1)
        points = [
            (x + 80, y + 108),
            (x + 190, y - 60),
            (x + 350, y - 70),
            (x + 225, y + 112),
            (x + 80, y + 108),
        ]
        draw.line([*points, (x + 225, y + 112), (x + 190, y - 60)], fill=colour, width=14, joint="curve")
        draw.line(
            [(x + 400, y + 108), (x + 350, y - 70), (x + 340, y - 110), (x + 400, y - 120)],
            fill=(50, 50, 54),
            width=10,
        )
    image = image.reduce(2).rotate(rng.uniform(-4, 4), fillcolor=wall)
    mark = ImageDraw.Draw(image)
    x, y = rng.randrange(140, 260), rng.randrange(110, 200)
    mark.ellipse((x, y, x + 46, y + 36), outline=(220, 30, 40), width=3)
    out = BytesIO()
    image.save(out, "JPEG", quality=72)
    return out.getvalue()


def _screenshot(file: Attachment) -> bytes:
    """A phone's screen with a message of the shop or of the bank."""
    from PIL import Image, ImageDraw

    rng = Random(file.seed)
    image = Image.new("RGB", (390, 720), (248, 248, 246))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 390, 84), fill=rng.choice(((31, 111, 92), (36, 56, 99), (60, 60, 66))))
    draw.text(
        (20, 52), file.subject[:44].encode("latin-1", "replace").decode("latin-1"), fill=(255, 255, 255)
    )
    for row, line in enumerate(file.lines[:6] or ("Payment declined", "Please try again later.")):
        top = 110 + row * 84
        draw.rounded_rectangle((16, top, 374, top + 68), 10, fill=(255, 255, 255), outline=(220, 220, 216))
        draw.text((32, top + 24), line.encode("latin-1", "replace").decode("latin-1"), fill=(40, 40, 44))
    draw.rounded_rectangle((60, 640, 330, 690), 12, fill=(178, 52, 40))
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _log(file: Attachment) -> bytes:
    """A display's error log."""
    rng = Random(file.seed)
    lines = [f"# {file.subject} firmware 4.{rng.randrange(9)}.{rng.randrange(20)}"]
    second = rng.randrange(20000, 60000)
    for _ in range(rng.randrange(25, 60)):
        second += rng.randrange(1, 90)
        clock = f"{second // 3600 % 24:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
        event = rng.choice(
            ("speed 23.4", "assist 2", "battery 36.1V", "WARN speed signal lost", "assist 3", "ERR E07")
        )
        lines.append(f"{clock} {event}")
    return ("\n".join(lines) + "\n").encode()


def _pdf(file: Attachment) -> bytes:
    """A one-page PDF with the file's lines in Helvetica."""
    commands = ["BT", "/F1 16 Tf", "56 780 Td", f"({_escaped(file.subject)}) Tj", "/F1 10 Tf", "0 -28 Td"]
    for line in file.lines:
        commands += [f"({_escaped(line)}) Tj", "0 -15 Td"]
    stream = "\n".join([*commands, "ET"]).encode("cp1252", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
