"""What is shipped of a built folder: all that runs, and nothing that cannot."""

import importlib.util
import marshal
import os
import shutil
import subprocess
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from local import artifact
from local.artifact import BinutilsMissing, add_bytecode, hollow_out, prune, strip_symbols

needs_binutils = pytest.mark.skipif(
    not all(map(shutil.which, ("as", "ld", "nm", "strip"))), reason="binutils are not installed"
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What was made before; nothing yet."""
    monkeypatch.setattr(artifact, "CACHE", tmp_path / "made")
    return tmp_path / "made"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "built").mkdir()
    return tmp_path / "built"


def add(folder: Path, *names: str, content: str = "") -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


def names_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


class TestPrune:
    @pytest.mark.parametrize(
        "name",
        [
            "numpy/tests/test_a.py",
            "numpy/core/include/arrays.h",
            "numpy/__init__.pyi",
            "numpy/py.typed",
            "pip/__init__.py",
            "setuptools-80.9.dist-info/METADATA",
            "functions/speech/training/train.py",
            "functions/speech/science.lock",
            "pydantic/v1/main.py",
            "pydicom/sr/codes.py",
            "onnxruntime/tools/convert.py",
            "shared/__pycache__/caller.cpython-313.pyc",
            "bin/uvicorn",
            "a.dist-info/RECORD",
        ],
    )
    def test_what_never_runs_is_gone(self, folder: Path, name: str) -> None:
        add(folder, name, "app.py")
        prune(folder)
        assert names_of(folder) == {"app.py"}

    @pytest.mark.parametrize(
        "name",
        [
            "pydantic/main.py",
            "pydicom/dataset.py",
            "v1/app.py",
            "functions/speech/models/voice.onnx",
            "numpy-2.4.dist-info/METADATA",
            "shared/testing_words.py",
            "numpy/core/arrays.cpython-313-x86_64-linux-gnu.so",
        ],
    )
    def test_what_runs_or_is_read_stays(self, folder: Path, name: str) -> None:
        add(folder, name)
        prune(folder)
        assert names_of(folder) == {name}


class TestBytecode:
    def test_every_module_has_its_own_named_as_in_the_cloud(self, folder: Path) -> None:
        add(folder, "app.py", "shared/words.py", content="def said() -> str: ...\n")
        add_bytecode(folder)
        compiled = Path(cache_from_source(str(folder / "shared" / "words.py")))
        code = marshal.loads(compiled.read_bytes()[16:])
        assert code.co_filename == "/var/task/shared/words.py"
        assert len(names_of(folder)) == 4

    def test_it_carries_no_date_and_is_not_checked(self, folder: Path) -> None:
        add(folder, "app.py", content="a = 1\n")
        add_bytecode(folder)
        content = Path(cache_from_source(str(folder / "app.py"))).read_bytes()
        assert content[:4] == importlib.util.MAGIC_NUMBER
        assert int.from_bytes(content[4:8], "little") == 0b01
        assert content[8:16] == importlib.util.source_hash(b"a = 1\n")

    def test_second_build_links_what_the_first_made(self, folder: Path, cache: Path) -> None:
        add(folder, "app.py", content="a = 1\n")
        add_bytecode(folder)
        compiled = Path(cache_from_source(str(folder / "app.py")))
        first = compiled.stat().st_ino
        compiled.unlink()
        add_bytecode(folder)
        assert compiled.stat().st_ino == first
        assert len(list(cache.iterdir())) == 1

    def test_other_text_and_other_place_are_made_anew(self, folder: Path, cache: Path) -> None:
        add(folder, "app.py", "other.py", content="a = 1\n")
        add(folder, "third.py", content="a = 2\n")
        add_bytecode(folder)
        assert len(list(cache.iterdir())) == 3

    def test_module_that_does_not_compile_ends_the_build(self, folder: Path) -> None:
        add(folder, "app.py", content="def (:\n")
        with pytest.raises(Exception, match=r"invalid syntax|expected"):
            add_bytecode(folder)


@needs_binutils
class TestLibraries:
    """Native libraries, made here of a few lines of assembly."""

    def library(self, folder: Path, name: str, source: str) -> Path:
        unlinked = folder / "unlinked.o"
        subprocess.run(["as", "-o", unlinked, "-"], input=source, text=True, check=True)
        subprocess.run(["ld", "-shared", "-o", folder / name, unlinked], check=True)
        unlinked.unlink()
        return folder / name

    def symbols(self, library: Path, *options: str) -> set[str]:
        told = subprocess.run(
            ["nm", "--format=posix", *options, library], check=False, capture_output=True, text=True
        )
        return {line.split()[0] for line in told.stdout.splitlines()}

    def test_encoder_keeps_its_names_and_does_nothing(self, folder: Path) -> None:
        source = ".globl x265_open\n.globl _ZN3cppE\nx265_open:\n_ZN3cppE:\n.skip 4096, 0x90\n"
        library = self.library(folder, "libx265-1a2b.so.212", source)
        hollow_out(folder)
        assert self.symbols(library, "--dynamic", "--defined-only") == {"x265_open"}
        assert b"\x90" * 64 not in library.read_bytes()

    def test_decoder_stays_as_it_is(self, folder: Path) -> None:
        library = self.library(folder, "libdav1d-1a2b.so.7", ".globl open\nopen:\nret\n")
        before = library.read_bytes()
        hollow_out(folder)
        assert library.read_bytes() == before

    def test_symbols_of_debuggers_are_gone_and_those_that_are_called_stay(
        self, folder: Path
    ) -> None:
        source = ".globl called\ncalled:\ninside_of_it:\nret\n"
        library = self.library(folder, "it.so", source)
        assert "inside_of_it" in self.symbols(library)
        strip_symbols(folder)
        assert self.symbols(library) == set()
        assert "called" in self.symbols(library, "--dynamic")

    def test_library_that_was_installed_is_left(self, folder: Path, tmp_path: Path) -> None:
        installed = self.library(tmp_path, "it.so", ".globl called\ncalled:\nret\n")
        before = installed.read_bytes()
        os.link(installed, folder / "it.so")
        strip_symbols(folder)
        assert installed.read_bytes() == before
        assert (folder / "it.so").read_bytes() != before


@pytest.mark.parametrize(
    ("name", "package"),
    [("strip", "binutils:"), ("aarch64-linux-gnu-strip", "binutils-aarch64-linux-gnu:")],
)
def test_missing_program_is_named_with_its_package(
    name: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(BinutilsMissing, match=f"install {package} its program {name}"):
        artifact._binutil(name)
