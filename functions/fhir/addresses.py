"""Absolute addresses, as whoever asks writes them: what leaves is read elsewhere."""

from fastapi import Request

from shared.settings import public_path


def absolute(request: Request, path: str) -> str:
    """Return the address of a path of ours on the host that was asked."""
    return f"{request.url.scheme}://{request.url.netloc}{public_path(path)}"
