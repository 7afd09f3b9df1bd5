"""The folder that a laptop keeps everything in, and its secrets."""

import stat
from pathlib import Path

import pytest

from local.home import ROOT, home, secret


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MEDILENS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.parametrize("value", ["", None])
def test_without_a_setting_it_lies_in_the_checkout(
    value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEDILENS_HOME")
    if value is not None:
        monkeypatch.setenv("MEDILENS_HOME", value)
    assert home() == ROOT / ".medilens"


def test_relative_setting_is_of_the_folder_one_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MEDILENS_HOME", "here")
    assert home() == tmp_path / "here"


def test_secret_is_made_once_and_kept() -> None:
    first = secret("owner-password")
    assert len(first) >= 32
    assert secret("owner-password") == first


def test_secrets_differ_by_name_and_by_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = secret("owner-password")
    other = secret("app-password")
    monkeypatch.setenv("MEDILENS_HOME", str(tmp_path / "other"))
    assert len({first, other, secret("owner-password")}) == 3


def test_nobody_else_reads_a_secret(place: Path) -> None:
    secret("keys/one")
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (place / "keys/one", place / "keys")]
    assert modes == [0o600, 0o700]
