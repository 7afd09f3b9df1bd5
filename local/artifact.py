"""What is shipped of a built folder: nothing that cannot run, and bytecode of all that can.

The clouds mount the code read-only, so bytecode that is not shipped is compiled again at every
cold start. It carries no dates (unchecked hashes) and names the path it has in the cloud, so two
builds of one commit are equal byte for byte. Native libraries lose the symbols that only a
debugger or a linker reads, a quarter of their size, and encoders of video lose all but their names.
"""

import os
import platform
import py_compile
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from hashlib import sha256
from importlib.util import cache_from_source
from pathlib import Path, PurePath

from local import elf

TASK_ROOT = PurePath("/var/task")

# What was made, by what it was made from: most functions share most libraries.
CACHE = Path(__file__).parent.parent / ".build" / "made"
RECIPE = sha256(Path(__file__).read_bytes() + Path(str(elf.__file__)).read_bytes()).digest()

# Folders that hold tests, headers and training, and files for compilers and type checkers.
USELESS_FOLDERS = {
    *("tests", "test", "testing", "test_files", "include", "training", "bin", "__pycache__"),
}
USELESS_SUFFIXES = {".pyi", ".pyx", ".pxd", ".c", ".h", ".cpp", ".hpp", ".pyc", ".lib", ".a"}
USELESS_NAMES = {
    *("py.typed", "RECORD", "INSTALLER", "REQUESTED", "uv_cache.json", ".lock"),
    *("requirements.txt", "science.lock", "pyproject.toml", "uv.lock", ".python-version"),
}
# What installs packages is not needed where nothing is installed.
USELESS_PACKAGES = {"pip", "setuptools"}
# What FFmpeg encodes H.265 and AV1 with, and how the names begin that it calls. What else such a
# library shows (of C++) must not stand in for the real thing elsewhere.
VIDEO_ENCODERS = {"libx265": "x265_", "libSvtAv1Enc": "svt_"}
# In the assembly of x86_64, the only processor that FFmpeg is shipped for: null, or no encoder.
RETURN_NOTHING = "xorl %eax, %eax\nret\n"
# FastAPI imports the first to ask whether a class is one of its models, and takes "not there" for
# a no.
USELESS_PLACES = {
    "pydantic/v1",
    # Vocabularies of structured reports; reading a picture loads none of them.
    "pydicom/sr",
    # What makes and changes networks; the runtime loads none of it.
    *(f"onnxruntime/{name}" for name in ("transformers", "tools", "quantization", "datasets")),
}


def prune(folder: Path) -> None:
    """Remove what never runs in the cloud, for good: the folder must be a copy."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if _is_useless(path):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _is_useless(path: Path) -> bool:
    if path.is_dir():
        package = path.name.partition("-")[0]
        place = "/".join(path.parts[-2:])
        return bool(
            {path.name, package, place} & (USELESS_FOLDERS | USELESS_PACKAGES | USELESS_PLACES)
        )
    return path.suffix in USELESS_SUFFIXES or path.name in USELESS_NAMES


def hollow_out(folder: Path) -> None:
    """Replace every encoder of video by a library of the same names, none of which does anything.

    FFmpeg's codecs are one library, which the system loads with all that it is linked to. An
    encoder is called only where a video is encoded; decoders, of video tracks too, stay.

    Raises
    ------
    BinutilsMissing
    """
    for library in sorted(folder.rglob("*.so*")):
        prefix = VIDEO_ENCODERS.get(library.name.partition("-")[0])
        if prefix:
            make = partial(_hollow, library, prefix)
            hollow = _made(f"hollow {library.name}".encode(), library.read_bytes(), make)
            library.unlink()  # it may be a link to what is installed
            os.link(hollow, library)


def _hollow(library: Path, prefix: str, target: Path) -> None:
    listed = [_binutil("nm"), "--dynamic", "--defined-only", "--format=posix", str(library)]
    told = subprocess.run(listed, check=True, capture_output=True, text=True).stdout
    names = sorted(line.split()[0] for line in told.splitlines() if line.startswith(prefix))
    source = "".join(f".globl {name}\n.type {name}, @function\n{name}:\n" for name in names)
    unlinked = target.with_suffix(".o")
    assemble = [_binutil("as"), "--64", "-o", str(unlinked), "-"]
    subprocess.run(assemble, check=True, input=f"{source}{RETURN_NOTHING}", text=True)
    link = [_binutil("ld"), "-shared", f"--soname={library.name}", "--build-id=none"]
    subprocess.run([*link, "-o", str(target), str(unlinked)], check=True)
    unlinked.unlink()


def strip_symbols(folder: Path) -> None:
    """Replace every native library by one without the symbols that nothing needs to run it.

    What was made of a library before is taken from the cache, by its bytes. The folder's files may
    be links to what is installed: a link is replaced, and what it leads to is left as it is.

    Raises
    ------
    BinutilsMissing
    """
    for library in sorted(folder.rglob("*.so*")):
        stripped = _made(b"strip", library.read_bytes(), partial(_strip, library))
        library.unlink()  # it may be a link to what is installed
        os.link(stripped, library)


def _strip(library: Path, target: Path) -> None:
    foreign = elf.machine(library) == elf.ARM64 and platform.machine() != "aarch64"
    program = _binutil("aarch64-linux-gnu-strip" if foreign else "strip")
    subprocess.run([program, "--strip-unneeded", "-o", str(target), str(library)], check=True)
    elf.close_holes(target)
    target.chmod(0o755)


def add_bytecode(folder: Path) -> None:
    """Put the bytecode of every module beside it.

    Compiled for the path that it will have in the cloud, and for the Python that runs this: another
    version there ignores it and compiles at every cold start. It is never compared with its source:
    a module that is changed afterwards runs as it was.
    """
    for source in sorted(folder.rglob("*.py")):
        name = TASK_ROOT / source.relative_to(folder)
        compiled = Path(cache_from_source(str(source)))
        compiled.parent.mkdir(exist_ok=True)
        made = _made(
            f"{sys.implementation.cache_tag} {name}".encode(),
            source.read_bytes(),
            partial(_compile, source, name),
        )
        os.link(made, compiled)


def _compile(source: Path, name: PurePath, target: Path) -> None:
    py_compile.compile(
        str(source),
        cfile=str(target),
        dfile=str(name),
        doraise=True,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )


def _made(how: bytes, content: bytes, make: Callable[[Path], None]) -> Path:
    """Return what `make` made of `content`, now or in an earlier build."""
    made = CACHE / sha256(RECIPE + how + b" of " + content).hexdigest()
    if not made.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        unfinished = made.with_suffix(f".{os.getpid()}")
        make(unfinished)
        with suppress(FileExistsError):  # another build was faster, and links what it made
            os.link(unfinished, made)
        unfinished.unlink()
    return made


class BinutilsMissing(RuntimeError):
    """A program that reads or writes native libraries is not installed."""


def _binutil(name: str) -> str:
    program = shutil.which(name)
    if program is None:
        package = "binutils-aarch64-linux-gnu" if name.startswith("aarch64") else "binutils"
        raise BinutilsMissing(f"To build, install {package}: its program {name} is missing.")
    return program


def finish(folder: Path) -> None:
    """Make a built folder ready to be shipped."""
    prune(folder)
    hollow_out(folder)
    strip_symbols(folder)
    add_bytecode(folder)


if __name__ == "__main__":
    finish(Path(sys.argv[1]))
