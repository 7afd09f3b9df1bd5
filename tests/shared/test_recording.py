from shared.recording import RecordingFile


def test_neither_name_nor_content_stands_in_a_log() -> None:
    told = repr(RecordingFile("byron.edf", b"0       Byron"))
    assert "yron" not in told


def test_hash_is_that_of_the_bytes() -> None:
    # FIPS 180-2, appendix B.1
    abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert RecordingFile("a", b"abc").sha256 == abc
