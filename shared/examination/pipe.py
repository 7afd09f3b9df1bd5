"""What goes through the pipe to the process of an analysis, and back."""

import pickle
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from shared.examination.run import Analyze
from shared.recording import RecordingFile

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


HEADER_BYTES = 8


@dataclass(frozen=True)
class Job:
    """An analysis as it travels: the function by its name, what it is given, what it may take."""

    analyze: "Analyze[DataclassInstance]"
    files: tuple[RecordingFile, ...]
    fields: "DataclassInstance"
    memory_bytes: int


class Begun:
    """What is sent back when all is loaded that the job names, and the analysis begins."""


class Crashed:
    """What is sent back where the fault is ours; the log of this process says which."""


def send(pipe: BinaryIO, message: object) -> None:
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    pipe.write(len(body).to_bytes(HEADER_BYTES))
    pipe.write(body)
    pipe.flush()


def receive(pipe: BinaryIO) -> object:
    """Return the next message.

    Both ends are this program's own, so what is unpickled is what it pickled.

    Raises
    ------
    EOFError
        The other end is gone.
    """
    size = int.from_bytes(_exactly(pipe, HEADER_BYTES))
    message: object = pickle.loads(_exactly(pipe, size))  # noqa: S301  # see above
    return message


def _exactly(pipe: BinaryIO, size: int) -> bytes:
    body = pipe.read(size)
    if len(body) < size:
        raise EOFError
    return body
