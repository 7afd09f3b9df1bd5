"""Native libraries lose their holes and nothing else."""

import ctypes
import importlib.util
import subprocess
from pathlib import Path

import pytest

from local.elf import without_holes

HOLE_BYTES = 1 << 21


def library(name: str) -> Path:
    """A native library that a package here brings along."""
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin)


@pytest.fixture(scope="module")
def with_holes() -> Path:
    """The smallest padded library of PyAV's wheel."""
    folder = library("av").parent.parent / "av.libs"
    return next(folder.glob("libXau*"))


class TestWithoutHoles:
    def test_padding_goes(self, with_holes: Path) -> None:
        content = with_holes.read_bytes()
        assert len(without_holes(content)) < len(content) - HOLE_BYTES // 2

    def test_what_is_loaded_works(self, with_holes: Path, tmp_path: Path) -> None:
        made = tmp_path / "made.so"
        made.write_bytes(without_holes(with_holes.read_bytes()))

        loaded = ctypes.CDLL(str(made))
        loaded.XauFileName.restype = ctypes.c_char_p
        assert loaded.XauFileName().endswith(b".Xauthority")

    def test_sections_stay_where_the_tables_say(self, with_holes: Path, tmp_path: Path) -> None:
        made = tmp_path / "made.so"
        made.write_bytes(without_holes(with_holes.read_bytes()))

        def symbols(path: Path) -> str:
            command = ["readelf", "--dyn-syms", "--notes", "--dynamic", str(path)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            assert not done.stderr
            return done.stdout

        assert symbols(made).replace(str(made), "") != ""
        assert [line for line in symbols(made).splitlines() if "FUNC" in line] == [
            line for line in symbols(with_holes).splitlines() if "FUNC" in line
        ]

    def test_a_second_time_changes_nothing(self, with_holes: Path) -> None:
        once = without_holes(with_holes.read_bytes())
        assert without_holes(once) == once

    @pytest.mark.parametrize("content", [b"", b"#!/bin/sh", b"\x7fELF\x01\x01 of 32 bits"])
    def test_anything_else_is_left_alone(self, content: bytes) -> None:
        assert without_holes(content) == content
