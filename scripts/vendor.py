#!/usr/bin/env python3
"""Fetch the files of other projects that `vendor.toml` names and keep them under `rapport/ui/static/vendor`.

Run it after a change of `vendor.toml`; the result is committed. Digests of the fetched packages stand in
`vendor.lock`, and a package whose digest differs from there is refused unless `--accept` is given.
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import TypedDict

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "rapport/ui/static/vendor"
SPRITE = ROOT / "rapport/ui/static/ui/icons.svg"
LOCK = ROOT / "vendor.lock"


class Package(TypedDict):
    """What `vendor.toml` says of one package: which of its files are kept, and under what names."""

    name: str
    version: str
    licence: str
    folder: str
    files: dict[str, str]


def pack(name: str, version: str, folder: Path) -> Path:
    """Download one package with npm and return the path of its archive."""
    done = subprocess.run(
        ["npm", "pack", "--json", "--silent", f"{name}@{version}"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    packed: str = json.loads(done.stdout)[0]["filename"]
    return folder / packed


def integrity(archive: Path) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()


def member(archive: tarfile.TarFile, path: str) -> bytes:
    file = archive.extractfile(f"package/{path}")
    if file is None:
        raise SystemExit(f"{archive.name!r} holds no {path}")
    return file.read()


def copy(archive: tarfile.TarFile, package: Package) -> None:
    folder = VENDOR / package["folder"]
    folder.mkdir(parents=True, exist_ok=True)
    for source, target in package["files"].items():
        content = member(archive, source)
        if target.endswith(".js"):
            # The maps that these lines point to are not kept here.
            content = re.sub(rb"\n?//# sourceMappingURL=\S+\s*$", b"\n", content)
        (folder / target).write_bytes(content)
    (folder / "VERSION").write_text(f"{package['name']} {package['version']} ({package['licence']})\n")


def symbol(name: str, svg: str) -> str:
    inner = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
    if inner is None:
        raise SystemExit(f"icon {name} is no SVG")
    body = re.sub(r"\s+", " ", inner[1]).replace("> <", "><").replace(" />", "/>").strip()
    return f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>'


def sprite(archive: tarfile.TarFile, names: list[str]) -> None:
    symbols = [symbol(name, member(archive, f"icons/{name}.svg").decode()) for name in sorted(names)]
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg">'
        "<!-- Icons of Lucide, ISC licence, see vendor/lucide/LICENSE -->\n"
    )
    SPRITE.write_text(head + "\n".join(symbols) + "\n</svg>\n")


def main() -> None:
    wanted = tomllib.loads((ROOT / "vendor.toml").read_text())
    known = json.loads(LOCK.read_text()) if LOCK.exists() else {}
    accept = "--accept" in sys.argv
    with tempfile.TemporaryDirectory() as folder:
        for package in wanted["package"]:
            key = f"{package['name']}@{package['version']}"
            path = pack(package["name"], package["version"], Path(folder))
            found = integrity(path)
            if known.get(key, found if accept else None) != found:
                raise SystemExit(
                    f"{key} has the digest {found}, vendor.lock says {known.get(key)}; nothing copied"
                )
            known[key] = found
            with tarfile.open(path) as archive:
                copy(archive, package)
                if package["name"] == wanted["icons"]["package"]:
                    sprite(archive, wanted["icons"]["names"])
            print(key)
    keys = {f"{package['name']}@{package['version']}" for package in wanted["package"]}
    LOCK.write_text(json.dumps({key: known[key] for key in sorted(keys)}, indent=2) + "\n")


if __name__ == "__main__":
    main()
