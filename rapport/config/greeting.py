"""What ``rapport serve`` prints once it serves: preparation writes it, the web process prints it."""

from pathlib import Path

from rapport.config.settings import DATA


def _path() -> Path:
    return DATA / "run" / "greeting.txt"


def clear() -> None:
    """Forget what an earlier start had to say."""
    _path().unlink(missing_ok=True)


def write(lines: list[str]) -> None:
    """Keep ``lines`` until the web process serves; only the owner may read them: they may let people in."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text("".join(f"{line}\n" for line in lines))


def take() -> str:
    """Return what was written, and forget it, so that web does not print it again when it starts again."""
    try:
        text = _path().read_text()
    except FileNotFoundError:
        return ""
    clear()
    return text
