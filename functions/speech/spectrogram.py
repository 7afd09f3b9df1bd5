"""The picture of a sound's spectrum over time, and the PNG that carries it.

`power_db(samples, fs_hz, columns) -> (rows, columns) array`; `gray_png(pixels) -> bytes`.
"""

import struct
import zlib

import numpy as np
import numpy.typing as npt

from functions.speech.sound import Floats

type Pixels = npt.NDArray[np.uint8]

TOP_HZ = 5_500.0  # the ceiling of the formants
ROWS = 220  # one a pixel of the picture's height
SHORTEST_WINDOW_S, LONGEST_WINDOW_S = 0.005, 0.05  # 5 ms shows formants rather than harmonics
WINDOWS_PER_COLUMN = 2.0  # so long is a window: nothing falls between columns
PRE_EMPHASIS = 0.97  # 6 dB an octave: higher formants become visible
DYNAMIC_DB = 50.0  # as in Praat's pictures: what is weaker is white
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
GRAY_8_BIT = b"\x08\x00\x00\x00\x00"  # depth, color type, compression, filter, interlace


def top_hz(fs_hz: float) -> float:
    return min(TOP_HZ, fs_hz / 2)


def power_db(samples: Floats, fs_hz: float, columns: int) -> Floats:
    """Measure the power at equally spaced instants, row 0 at the top frequency.

    Parameters
    ----------
    samples : (n,) ndarray of float64
    fs_hz : float
    columns : int
        Instants, one a pixel of the picture's width.

    Returns
    -------
    (ROWS, columns) ndarray of float64
        dB relative to the loudest point, not below `-DYNAMIC_DB`.
    """
    window_s = WINDOWS_PER_COLUMN * (len(samples) / fs_hz) / columns
    length = round(float(np.clip(window_s, SHORTEST_WINDOW_S, LONGEST_WINDOW_S)) * fs_hz)
    starts = np.linspace(0, len(samples) - length - 1, columns).astype(np.int64)
    cut = np.lib.stride_tricks.sliding_window_view(samples, length + 1)[starts]
    pieces = cut[:, 1:] - PRE_EMPHASIS * cut[:, :-1]
    resolution = max(length, int(2 * ROWS * fs_hz / 2 / top_hz(fs_hz)))
    power = np.abs(np.fft.rfft(pieces * np.hanning(length), resolution, axis=1)) ** 2
    row_hz = np.linspace(top_hz(fs_hz), 0, ROWS)
    nearest = np.round(row_hz * resolution / fs_hz).astype(np.int64).clip(0, power.shape[1] - 1)
    level = 10 * np.log10(np.maximum(power[:, nearest].T, np.finfo(float).tiny))
    return np.asarray(np.maximum(level - level.max(), -DYNAMIC_DB))


def shades(level_db: Floats) -> Pixels:
    """Make the loudest point black and what is `DYNAMIC_DB` below it white.

    Parameters
    ----------
    level_db : (rows, columns) ndarray of float64
        From `-DYNAMIC_DB` to 0.

    Returns
    -------
    (rows, columns) ndarray of uint8
    """
    return np.round(-255 * level_db / DYNAMIC_DB).astype(np.uint8)


def gray_png(pixels: Pixels) -> bytes:
    """Encode an 8-bit gray PNG, without a library of images for this one kind.

    Parameters
    ----------
    pixels : (rows, columns) ndarray of uint8
        0 is black.

    Returns
    -------
    bytes
    """
    rows, columns = pixels.shape
    unfiltered = np.hstack([np.zeros((rows, 1), np.uint8), pixels]).tobytes()
    return PNG_SIGNATURE + b"".join(
        (
            chunk(b"IHDR", struct.pack(">II", columns, rows) + GRAY_8_BIT),
            chunk(b"IDAT", zlib.compress(unfiltered, 9)),
            chunk(b"IEND", b""),
        )
    )


def chunk(kind: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum
