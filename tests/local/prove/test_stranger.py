"""A deployment that is somebody else's: an address and a file of tokens are all there is."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from local.cli import app
from local.prove.command import UnusableTokens, read_tokens
from tests.conftest import Clinic
from tests.local.prove.conftest import tokens_of
from tests.local.serving import served


@pytest.fixture
def tokens(tmp_path: Path, clinic: Clinic, elsewhere: Clinic) -> Path:
    place = tmp_path / "tokens.json"
    told = {"ours": tokens_of(clinic), "theirs": tokens_of(elsewhere)}
    place.write_text(json.dumps(told), encoding="utf-8")
    return place


def test_what_can_be_tried_from_outside_is_held(
    tokens: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two subjects stand for all, each of which is tried on the tests' own server."""
    place = tmp_path / "report.json"
    with served(tmp_path, monkeypatch) as (url, _):
        arguments = ["prove", "--url", url, "--tokens", str(tokens), "--json", str(place)]
        only = ["--only", "uploads", "--only", "tenants", "--only", "tokens"]
        ended = CliRunner().invoke(app, [*arguments, *only])

    told = json.loads(place.read_text(encoding="utf-8"))
    outcomes = {attack["name"]: attack["outcome"] for attack in told["attacks"]}
    assert ended.exit_code == 0, ended.output
    assert outcomes["uploads.a_signed_address"] == outcomes["uploads.other_bytes"] == "held"
    assert outcomes["uploads.a_signed_part"] == "held"
    assert outcomes["tokens.claims_of_others"] == "not tried"
    for secret in json.loads(tokens.read_text(encoding="utf-8"))["ours"].values():
        assert secret not in place.read_text(encoding="utf-8")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"ours": {"patient": "a"}, "theirs": {}}'])
def test_a_file_without_all_tokens_is_named(tmp_path: Path, content: str) -> None:
    place = tmp_path / "tokens.json"
    place.write_text(content, encoding="utf-8")
    with pytest.raises(UnusableTokens, match="each of patient, clinician, admin, researcher"):
        read_tokens(place)


def test_an_address_without_tokens_is_no_deployment() -> None:
    assert CliRunner().invoke(app, ["prove", "--url", "http://127.0.0.1:9"]).exit_code == 2
