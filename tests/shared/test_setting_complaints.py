"""What is said of a wrong setting: its name, its state and its form, and never a secret."""

from typing import Any, Self

import pytest
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared import setting_forms as forms
from shared.setting_complaints import complaints, names

FIRST, SECOND = "TRIAL_ADDRESS", "ADDRESS"


class Trial(BaseModel):
    model_config = ConfigDict(alias_generator=lambda name: f"TRIAL_{name.upper()}")

    address: forms.HttpsAddress = Field(validation_alias=AliasChoices(FIRST, SECOND))
    key: forms.IdentityKey | None = None
    minutes: int | None = Field(default=None, ge=1, description="a number of minutes from 1")
    path: forms.BasePath | None = None

    @model_validator(mode="after")
    def _path_has_minutes(self) -> Self:
        if self.path and not self.minutes:
            raise ValueError("Set TRIAL_PATH and TRIAL_MINUTES, or neither")
        return self


def told(monkeypatch: pytest.MonkeyPatch, **values: str) -> list[str]:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as wrong:
        Trial.model_validate(values)
    return list(complaints(Trial.model_fields.values(), wrong.value))


RIGHT: dict[str, Any] = {FIRST: "https://a.example"}


def test_a_missing_one_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    (complaint,) = told(monkeypatch)
    assert complaint.startswith("TRIAL_ADDRESS is not set. It has to be an HTTPS address")


def test_a_wrong_one_is_quoted_under_the_name_that_was_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (complaint,) = told(monkeypatch, ADDRESS="a.example ")
    assert complaint.startswith("ADDRESS is 'a.example'. ")


def test_a_secret_is_malformed_and_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    (complaint,) = told(monkeypatch, TRIAL_KEY="hunter2", **RIGHT)
    assert complaint.startswith("TRIAL_KEY is malformed. It has to be a key of at least 32")


@pytest.mark.parametrize(
    ("name", "value", "form"),
    [("TRIAL_MINUTES", "0", "a number of minutes"), ("TRIAL_PATH", "x/", "a path with a slash")],
)
def test_form_is_the_fields_own_or_its_types(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, form: str
) -> None:
    (complaint,) = told(monkeypatch, **{name: value}, **RIGHT)
    assert f"It has to be {form}" in complaint


def test_all_of_them_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(told(monkeypatch, TRIAL_KEY="hunter2", TRIAL_MINUTES="0")) == 3


def test_two_that_go_together_are_told_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    complaint = told(monkeypatch, TRIAL_PATH="/x", **RIGHT)
    assert complaint == ["Set TRIAL_PATH and TRIAL_MINUTES, or neither."]


def test_a_setting_may_have_two_names() -> None:
    assert names(Trial.model_fields["address"]) == [FIRST, SECOND]
    assert names(Trial.model_fields["key"]) == ["TRIAL_KEY"]
