"""The files that come with a request."""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, File, UploadFile

from shared.errors import InvalidRequest
from shared.examination.request import CurrentAnalysisRequest
from shared.recording import RecordingFile
from shared.text import printable


async def recording_files(
    requested: CurrentAnalysisRequest,
    file: Annotated[
        list[UploadFile] | None,
        File(description="The recording; repeatable where a format has several files"),
    ] = None,
) -> tuple[RecordingFile, ...]:
    """Read what came with the request; nothing where the recording lies in storage."""
    if bool(file) == bool(requested.upload_ids):
        raise InvalidRequest("file: send the recording as `file`, or name it by `upload_id`")
    return tuple(
        [RecordingFile(plain_name(part.filename), await part.read()) for part in file or ()]
    )


def plain_name(given: str | None) -> str:
    """Return the last part of a file's name: no folder that a caller names means anything here."""
    return printable(re.split(r"[/\\]", given or "")[-1])


def input_sha256(digests: Iterable[str]) -> str:
    """Hash what came in: the file's own hash, or the hash of all files' sorted hashes."""
    first, *others = sorted(digests)
    return sha256("".join([first, *others]).encode()).hexdigest() if others else first


RecordingFiles = Annotated[tuple[RecordingFile, ...], Depends(recording_files)]
