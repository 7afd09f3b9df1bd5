import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.speech import unreadable
from functions.speech.decode import decode_sound, file_format
from functions.speech.sound import Sound
from functions.speech.unreadable import (
    DamagedAudio,
    InvalidSampleValues,
    NoAudioStream,
    RecordingTooLong,
    RecordingTooShort,
    TooManyChannels,
    UnknownAudioFormat,
    UnsupportedCodec,
    UnsupportedSampleRate,
)
from local.samples.voice import sustained_vowel, wav_bytes
from local.samples.voice_files import ENCODINGS, encoded
from shared.errors import UnreadableUpload
from shared.recording import RecordingFile
from tests.functions.speech.encoding import vowel_file

NAMED = tuple(UnreadableUpload.__subclasses__())
LOSSLESS = ("wav", "flac", "m4a_alac")
LOSSY = tuple(name for name in ENCODINGS if name not in LOSSLESS)


def decoded(content: bytes) -> Sound:
    return decode_sound(RecordingFile("voice", content))


def tone(fs_hz: int, duration_s: float = 1.5) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * 150 * np.arange(round(duration_s * fs_hz)) / fs_hz)


def float_wav(samples: np.ndarray, fs_hz: int) -> bytes:
    pcm = samples.astype("<f4").tobytes()
    head = b"fmt " + struct.pack("<IHHIIHH", 16, 3, 1, fs_hz, 4 * fs_hz, 4, 32)
    chunks = b"WAVE" + head + b"data" + struct.pack("<I", len(pcm)) + pcm
    return b"RIFF" + struct.pack("<I", len(chunks)) + chunks


class TestDecodeSound:
    @pytest.mark.parametrize("name", LOSSLESS)
    def test_lossless_format_returns_the_samples(self, name: str) -> None:
        voice = sustained_vowel(duration_s=2, hnr_db=30, fs_hz=48_000)

        sound = decode_sound(vowel_file(name))

        assert sound.fs_hz == 48_000
        assert sound.stream is None
        assert sound.channels == 1
        assert sound.warnings == ()
        np.testing.assert_allclose(sound.samples, voice.samples, atol=1e-4)

    @pytest.mark.parametrize("name", LOSSY)
    def test_lossy_format_returns_the_sound_and_its_bit_rate(self, name: str) -> None:
        sound = decode_sound(vowel_file(name))

        nominal = ENCODINGS[name][3]
        assert nominal is not None
        assert sound.stream is not None
        assert sound.stream.bit_rate == pytest.approx(nominal, rel=0.15)
        assert sound.stream.codec in {"opus", "mp3", "aac"}
        assert sound.missing_end is None
        assert sound.duration_s == pytest.approx(2, abs=0.06)
        assert 0.2 < np.abs(sound.samples).max() <= 1

    def test_opus_tells_how_its_packets_are_coded(self) -> None:
        music = decode_sound(vowel_file("webm_live")).stream
        voice = sustained_vowel(duration_s=2, hnr_db=30, fs_hz=48_000)
        slow = decoded(encoded("ogg_opus_16k", voice.samples, 48_000)).stream

        assert music is not None
        assert slow is not None
        assert music.speech_coded == 0
        assert music.bandwidth_hz == 20_000
        assert slow.bit_rate < 30_000

    def test_live_webm_without_duration_is_read_to_its_end(self) -> None:
        assert b"\x44\x89" not in vowel_file("webm_live").content[:400]  # no Duration element
        assert decode_sound(vowel_file("webm_live")).duration_s == pytest.approx(2, abs=0.03)

    def test_stereo_is_the_mean_of_both(self) -> None:
        left, right = tone(16_000), 0.2 * tone(16_000)

        sound = decoded(wav_bytes(np.stack([left, right], axis=1), 16_000))

        assert sound.channels == 2
        np.testing.assert_allclose(sound.samples, (left + right) / 2, atol=1e-4)

    def test_one_silent_side_is_no_cancellation(self) -> None:
        left = tone(16_000)

        assert decoded(wav_bytes(np.stack([left, 0 * left], axis=1), 16_000)).warnings == ()

    def test_opposite_sides_are_warned_about(self) -> None:
        left = tone(16_000)

        sound = decoded(wav_bytes(np.stack([left, -0.9 * left], axis=1), 16_000))

        assert "cancel" in sound.warnings[0]

    @pytest.mark.parametrize("fs_hz", [8_000, 11_025, 22_050, 96_000, 192_000])
    def test_rate_is_kept(self, fs_hz: int) -> None:
        assert decoded(wav_bytes(tone(fs_hz), fs_hz)).fs_hz == fs_hz

    def test_float_samples_beyond_full_scale_are_clipped(self) -> None:
        assert np.abs(decoded(float_wav(3 * tone(16_000), 16_000)).samples).max() == 1

    @pytest.mark.parametrize(
        ("content", "refusal"),
        [
            (b"", UnknownAudioFormat),
            (b"\xff", UnknownAudioFormat),
            (b"#EXTM3U\nhttp://localhost/", UnknownAudioFormat),
            (b"ffconcat version 1.0\nfile /etc/passwd\n", UnknownAudioFormat),
            (b"RIFF\0\0\0\0WAVE", DamagedAudio),
            (b"OggS" + bytes(100), DamagedAudio),
            (b"fLaC" + bytes(100), DamagedAudio),
            (b"\0\0\0\x18ftypisom" + bytes(100), DamagedAudio),
            (b"\x1aE\xdf\xa3" + bytes(100), DamagedAudio),
            (wav_bytes(tone(4_000), 4_000), UnsupportedSampleRate),
            (wav_bytes(tone(16_000, 0.4), 16_000), RecordingTooShort),
            (wav_bytes(np.zeros((16_000, 9)), 16_000), TooManyChannels),
            (float_wav(np.full(16_000, np.nan), 16_000), InvalidSampleValues),
        ],
    )
    def test_unreadable_content_is_refused_by_name(
        self, content: bytes, refusal: type[UnreadableUpload]
    ) -> None:
        with pytest.raises(refusal, match=r"expected"):
            decoded(content)

    def test_unknown_codec_is_refused(self) -> None:
        content = bytearray(wav_bytes(tone(16_000), 16_000))
        content[20:22] = b"\x02\x00"  # ADPCM

        with pytest.raises((UnsupportedCodec, NoAudioStream)):
            decoded(bytes(content))

    def test_enormous_frames_are_refused_before_they_are_allocated(self) -> None:
        content = vowel_file("m4a_alac").content
        position = content.rindex(b"alac") + 8  # of the frame length in the codec's header
        assert content[position : position + 4] == (4096).to_bytes(4, "big")
        hostile = content[:position] + (2**24).to_bytes(4, "big") + content[position + 4 :]

        with pytest.raises(UnsupportedCodec):
            decoded(hostile)

    def test_decoding_stops_at_the_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(unreadable, "MAX_DURATION_S", 1.2)

        with pytest.raises(RecordingTooLong, match="expected no more"):
            decoded(wav_bytes(tone(16_000), 16_000))

    def test_limit_holds_for_high_rates(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(unreadable, "MAX_SAMPLES", 20_000)

        with pytest.raises(RecordingTooLong):
            decoded(wav_bytes(tone(16_000), 16_000))

    def test_ten_minutes_are_read_but_no_more(self) -> None:
        silence = encoded("flac", np.zeros(600 * 8_000), 8_000)

        assert decoded(silence).duration_s == 600

        with pytest.raises(RecordingTooLong):
            decoded(encoded("flac", np.zeros(601 * 8_000), 8_000))


class TestHostileBytes:
    """Whatever is sent ends in a sound or in a named refusal."""

    @settings(max_examples=150, deadline=None)
    @given(
        name=st.sampled_from(["wav", *ENCODINGS]),
        changes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=30),
        length=st.integers(0, 5_000),
        tail=st.binary(max_size=50),
    )
    @example(name="m4a", changes=[(4, 0)], length=5_000, tail=b"")
    def test_damaged_files_end_in_a_named_refusal(
        self, name: str, changes: list[tuple[int, int]], length: int, tail: bytes
    ) -> None:
        content = bytearray(vowel_file(name).content[:length])
        for position, value in changes:
            if position < len(content):
                content[position] = value
        with suppress(*NAMED):
            assert np.isfinite(decoded(bytes(content) + tail).samples).all()

    @settings(max_examples=150, deadline=None)
    @given(
        magic=st.sampled_from(
            [b"RIFF\0\0\0\0WAVE", b"fLaC", b"OggS", b"ID3", b"\0\0\0\0ftyp", b"\x1aE\xdf\xa3"]
        ),
        content=st.binary(max_size=400),
    )
    def test_random_bytes_behind_a_magic_number_are_refused(
        self, magic: bytes, content: bytes
    ) -> None:
        with pytest.raises(UnreadableUpload):
            decoded(magic + content)


class TestFileFormat:
    @pytest.mark.parametrize(
        ("start", "name"),
        [
            (b"\xff\xfb\x90\x00", "mp3"),
            (b"\xff\xf3\x40\x00", "mp3"),
            (b"\xff\xf1\x50\x80", "aac"),
            (b"\xff\xf9\x50\x80", "aac"),
            (b"ID3\x04" + bytes(10), "mp3"),
            (b"RF64\xff\xff\xff\xffWAVE", "wav"),
        ],
    )
    def test_magic_number_names_the_format(self, start: bytes, name: str) -> None:
        assert file_format(start) == name

    @pytest.mark.parametrize("start", [b"\xff\xfd\x00\x00", b"\xff\xe1\x00\x00", b"RIFF____AVI "])
    def test_other_formats_are_unknown(self, start: bytes) -> None:
        with pytest.raises(UnknownAudioFormat):
            file_format(start)
