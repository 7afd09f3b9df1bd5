import struct
import zlib

import numpy as np

from functions.speech.spectrogram import ROWS, gray_png, power_db, shades, top_hz

FS_HZ = 16_000


class TestPowerDb:
    def test_tone_lies_in_its_row(self) -> None:
        tone = np.sin(2 * np.pi * 2_000 * np.arange(2 * FS_HZ) / FS_HZ)

        level = power_db(tone, FS_HZ, 200)

        rows = level[:, 20:180].argmax(axis=0)
        expected = (1 - 2_000 / top_hz(FS_HZ)) * (ROWS - 1)
        assert level.shape == (ROWS, 200)
        assert np.abs(rows - expected).max() <= 3
        assert level.max() == 0
        assert level.min() >= -50

    def test_onset_lies_in_its_column(self) -> None:
        samples = np.r_[np.zeros(FS_HZ), np.random.default_rng(0).standard_normal(FS_HZ)]

        level = power_db(samples, FS_HZ, 100)

        assert (level[:, :48] == -50).all()
        assert (level[:, 52:].max(axis=0) > -30).all()

    def test_silence_is_one_level(self) -> None:
        assert np.ptp(power_db(np.zeros(FS_HZ), FS_HZ, 10)) == 0

    def test_low_rate_ends_at_half_of_it(self) -> None:
        assert top_hz(8_000) == 4_000


class TestGrayPng:
    def test_pixels_come_back(self) -> None:
        pixels = shades(-np.linspace(0, 50, 12).reshape(3, 4))

        png = gray_png(pixels)

        assert png.startswith(b"\x89PNG\r\n\x1a\n")
        assert struct.unpack(">II", png[16:24]) == (4, 3)
        length = struct.unpack(">I", png[33:37])[0]
        rows = np.frombuffer(zlib.decompress(png[41 : 41 + length]), np.uint8).reshape(3, 5)
        assert (rows[:, 0] == 0).all()
        assert (rows[:, 1:] == pixels).all()
        assert pixels[0, 0] == 0
        assert pixels[-1, -1] == 255
