"""The folder that a laptop keeps everything in, `.medilens` unless MEDILENS_HOME names another."""

import os
import secrets
from pathlib import Path
from tempfile import TemporaryFile

from local.child import FolderUnusable

ROOT = Path(__file__).parent.parent


def home() -> Path:
    return Path(os.environ.get("MEDILENS_HOME") or ROOT / ".medilens").absolute()


def open_home() -> None:
    """Make the folder that everything is kept in.

    Raises
    ------
    FolderUnusable
    """
    try:
        home().mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryFile(dir=home()):
            pass
    except OSError as error:
        raise FolderUnusable(
            f"MediLens keeps its data in {home()}, which cannot be written ({error.strerror})."
            " Set MEDILENS_HOME to a folder of your own."
        ) from error


def secret(name: str) -> str:
    """A secret of this folder, made the first time."""
    place = home() / name
    if not place.exists():
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.touch(mode=0o600)
        place.write_text(secrets.token_urlsafe(24))
    return place.read_text()
