import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from shared.errors import UnreadableUpload
from shared.science.images.decode import Photograph, decode_photograph, only_file
from shared.science.images.unreadable import (
    DamagedPicture,
    PictureTooLarge,
    PictureTooSmall,
    SeveralFrames,
    SeveralPictures,
    UnknownPictureFormat,
    UnsupportedPicture,
)
from tests.shared.science.images.pictures import encoded, file_of, gradient

ORIENTATION = 0x0112
# What a camera did to a picture, by its orientation.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def decoded(content: bytes, side_px: int = 1024) -> Photograph:
    return decode_photograph(file_of(content), side_px)


def outcome(content: bytes) -> str:
    try:
        assert decoded(content).rgb.shape[2] == 3
    except UnreadableUpload as refusal:
        return refusal.code
    return "decoded"


def png_of(width: int, height: int) -> bytes:
    """A PNG that announces a size and holds nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + body


class TestFormats:
    @pytest.mark.parametrize("name", ["JPEG", "PNG", "TIFF"])
    def test_pixels_are_those_of_the_picture(self, name: str) -> None:
        photograph = decoded(encoded(gradient(), name))
        assert photograph.file_format == name
        assert photograph.size_px == (160, 120)
        difference = photograph.rgb.astype(int) - np.asarray(gradient(), int)
        assert abs(difference).mean() < 3

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA"])
    def test_every_usual_kind_of_pixel_becomes_color_of_eight_bits(self, mode: str) -> None:
        photograph = decoded(encoded(gradient().convert(mode), "PNG"))
        assert photograph.rgb.shape == (120, 160, 3)
        assert photograph.rgb.dtype == np.uint8

    def test_sixteen_bits_stay_beside_the_eight(self) -> None:
        deep = np.linspace(0, 65535, 100 * 100).reshape(100, 100).astype(np.uint16)
        photograph = decoded(encoded(Image.fromarray(deep), "PNG"))
        assert photograph.deep is not None
        assert np.array_equal(photograph.deep, deep)
        assert np.array_equal(photograph.rgb[..., 0], deep >> 8)

    def test_floating_point_is_refused_by_its_name(self) -> None:
        content = encoded(Image.fromarray(np.zeros((80, 80), np.float32)), "TIFF")
        with pytest.raises(UnsupportedPicture, match="kind F"):
            decoded(content)

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            (b"\0\0\0\x18ftypheic", "HEIC"),
            (b"RIFF\0\0\0\0WEBP", "WebP"),
            (b"%PDF-1.7", "PDF"),
            (b"  <svg xmlns=", "SVG"),
            (b"GIF89a", "GIF"),
            (b"BM\0\0", "BMP"),
            (bytes(128) + b"DICM", "DICOM"),
            (b"hello", "no known picture"),
            (b"", "no known picture"),
        ],
    )
    def test_what_is_not_read_is_named(self, content: bytes, told: str) -> None:
        with pytest.raises(UnknownPictureFormat, match=told):
            decoded(content)

    def test_name_of_the_file_counts_for_nothing(self) -> None:
        content = encoded(gradient(), "PNG")
        assert decode_photograph(file_of(content, "x.jpg"), 1024).file_format == "PNG"


class TestSize:
    def test_large_jpeg_is_decoded_at_a_fraction_never_below_what_is_needed(self) -> None:
        photograph = decoded(encoded(gradient(1600, 1200), "JPEG"), side_px=300)
        assert photograph.rgb.shape[:2] == (300, 400)
        assert photograph.size_px == (1600, 1200)

    def test_large_png_comes_down_to_the_same_size(self) -> None:
        photograph = decoded(encoded(gradient(1600, 1200), "PNG"), side_px=300)
        assert photograph.rgb.shape[:2] == (300, 400)

    @pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (8_000, 6_000)])
    def test_bomb_is_refused_before_it_is_decoded(self, width: int, height: int) -> None:
        with pytest.raises(PictureTooLarge):
            decoded(png_of(width, height))

    def test_too_many_bytes_are_refused(self) -> None:
        with pytest.raises(PictureTooLarge, match="26 megabytes"):
            decoded(encoded(gradient(), "PNG") + bytes(26_000_000))

    def test_postage_stamp_is_refused(self) -> None:
        with pytest.raises(PictureTooSmall, match="32 x 32"):
            decoded(encoded(gradient(32, 32), "PNG"))

    def test_several_files_are_refused(self) -> None:
        with pytest.raises(SeveralPictures):
            only_file((file_of(b"a"), file_of(b"b")))

    @pytest.mark.parametrize("name", ["PNG", "TIFF"])
    def test_several_frames_are_refused(self, name: str) -> None:
        content = encoded(gradient(), name, save_all=True, append_images=[gradient().rotate(90)])
        with pytest.raises(SeveralFrames, match="2 pictures"):
            decoded(content)


class TestOrientation:
    @pytest.mark.parametrize("orientation", range(1, 9))
    @pytest.mark.parametrize("name", ["JPEG", "PNG"])
    def test_picture_comes_upright(self, name: str, orientation: int) -> None:
        turn = TURNS.get(orientation)
        image = gradient() if turn is None else gradient().transpose(turn)
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        photograph = decoded(encoded(image, name, exif=exif))
        assert photograph.size_px == (160, 120)
        assert abs(photograph.rgb.astype(int) - np.asarray(gradient(), int)).mean() < 3

    def test_damaged_note_leaves_the_picture_as_it_lies(self) -> None:
        content = encoded(gradient(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
        assert decoded(content).size_px == (160, 120)


class TestDamage:
    @pytest.mark.parametrize("name", ["JPEG", "PNG", "TIFF"])
    def test_cut_file_is_refused(self, name: str) -> None:
        content = encoded(gradient(), name)
        with pytest.raises(DamagedPicture):
            decoded(content[: len(content) // 2])

    @settings(max_examples=60, deadline=None)
    @given(st.sampled_from(["JPEG", "PNG", "TIFF"]), st.data())
    def test_changed_bytes_decode_or_are_refused_by_name(
        self, name: str, data: st.DataObject
    ) -> None:
        content = bytearray(encoded(gradient(80, 70), name))
        for _ in range(data.draw(st.integers(1, 8))):
            content[data.draw(st.integers(8, len(content) - 1))] = data.draw(st.integers(0, 255))
        codes = {kind.code for kind in UnreadableUpload.__subclasses__()}
        assert outcome(bytes(content)) in {"decoded", *codes}
