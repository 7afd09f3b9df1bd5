"""A large file in parts: which have arrived, and one file made of all."""

from collections.abc import Sequence
from contextlib import suppress

from shared.aws import multipart, storage
from shared.aws.parts import Part, part_sizes
from shared.aws.requests import NotThere
from shared.database.repositories.uploads import Upload
from shared.errors import Conflict
from shared.vocabulary import UploadStatus

PARTS_NAMED = 10


class PartsMissing(Conflict):
    """Some parts of the file have not arrived."""

    code = "upload-parts-missing"

    def __init__(self, missing: Sequence[int]) -> None:
        listed = ", ".join(map(str, missing[:PARTS_NAMED]))
        more = ", …" if len(missing) > PARTS_NAMED else ""
        super().__init__(f"{len(missing)} parts have not arrived: {listed}{more}. Send them first.")


def arrived(upload: Upload) -> Sequence[Part]:
    """Return the parts in storage of a file that is not complete; of one that was joined, all.

    Raises
    ------
    NotThere
        What had arrived is gone.
    Unavailable
    """
    if upload.multipart_id is None or upload.status != UploadStatus.PENDING:
        return ()
    try:
        return _fitting(upload, multipart.arrived(upload.storage_key, upload.multipart_id))
    except NotThere:
        if _is_whole(upload):
            return _all(upload)
        raise


def _is_whole(upload: Upload) -> bool:
    """Whether a file of its size lies in its place, joined or sent at once."""
    try:
        return storage.size_of(upload.storage_key) == upload.file_size_bytes
    except NotThere:
        return False


def _all(upload: Upload) -> Sequence[Part]:
    sizes = part_sizes(upload.file_size_bytes)
    return [Part(number, size, etag="") for number, size in sizes.items()]


def _fitting(upload: Upload, parts: Sequence[Part]) -> Sequence[Part]:
    """Leave out what another release, which cut the file otherwise, has signed."""
    sizes = part_sizes(upload.file_size_bytes)
    return [part for part in parts if part.size_bytes == sizes.get(part.number)]


def join(upload: Upload) -> None:
    """Make one file of its parts, if it came in parts and they were not joined before.

    Parts of a file that was sent at once after all are removed.

    Raises
    ------
    PartsMissing, Unavailable
    """
    if upload.multipart_id is None:
        return
    with suppress(NotThere):  # whoever reads the file finds out
        parts = _fitting(upload, multipart.arrived(upload.storage_key, upload.multipart_id))
        there = {part.number for part in parts}
        missing = [number for number in part_sizes(upload.file_size_bytes) if number not in there]
        if not missing:
            multipart.join(upload.storage_key, upload.multipart_id, parts)
        elif _is_whole(upload):
            multipart.abort(upload.storage_key, upload.multipart_id)
        else:
            raise PartsMissing(missing)
