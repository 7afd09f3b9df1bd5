"""Messages between two processes: whole, in order, or the other end is gone."""

from io import BytesIO

import pytest

from shared.examination.pipe import HEADER_BYTES, receive, send
from shared.recording import RecordingFile


def sent(*messages: object) -> bytes:
    pipe = BytesIO()
    for message in messages:
        send(pipe, message)
    return pipe.getvalue()


def test_messages_arrive_in_their_order() -> None:
    file = RecordingFile("a.dat", bytes(range(256)))
    pipe = BytesIO(sent(file, "second", None))
    assert [receive(pipe) for _ in range(3)] == [file, "second", None]


@pytest.mark.parametrize("missing", [1, 5, HEADER_BYTES])
def test_an_end_in_the_midst_of_a_message_is_an_end(missing: int) -> None:
    whole = sent("message")
    with pytest.raises(EOFError):
        receive(BytesIO(whole[:-missing]))


@pytest.mark.parametrize("left", [0, 1, HEADER_BYTES - 1])
def test_an_end_in_the_midst_of_a_header_is_an_end(left: int) -> None:
    with pytest.raises(EOFError):
        receive(BytesIO(sent("message")[:left]))
