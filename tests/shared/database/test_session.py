"""In which respects the functions' role is not as the migrations left it."""

import pytest

from shared.database import session
from shared.database.identity import SHOWN_BYTES

ROLE: dict[str, object] = {**dict.fromkeys(session.RIGHTS, False), "shown": SHOWN_BYTES}
TOLD = [f"{name}={value}" for name, value in session.SETTINGS.items()]


def test_a_role_as_it_was_left_has_not_drifted() -> None:
    assert session.drift(ROLE, TOLD) == []


@pytest.mark.parametrize(
    ("right", "said"),
    [
        ("rolsuper", "superuser"),
        ("rolbypassrls", "row-level security"),
        ("rolcreaterole", "create roles"),
        ("rolcreatedb", "create databases"),
        ("temporary", "temporary tables"),
    ],
)
def test_a_right_too_many_is_named(right: str, said: str) -> None:
    (drift,) = session.drift({**ROLE, right: True}, TOLD)
    assert said in drift


@pytest.mark.parametrize("setting", TOLD)
def test_a_missing_setting_is_named_with_its_value(setting: str) -> None:
    (drift,) = session.drift(ROLE, [told for told in TOLD if told != setting])
    assert drift.endswith(f"{setting} is missing")


def test_a_changed_setting_is_missing_and_another() -> None:
    told = [entry.replace("30s", "0") for entry in TOLD]
    missing, other = session.drift(ROLE, told)
    assert "statement_timeout=30s is missing" in missing
    assert "another setting of statement_timeout" in other
