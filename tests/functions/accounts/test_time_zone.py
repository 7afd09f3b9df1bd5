import pytest
from pydantic import TypeAdapter, ValidationError

from functions.accounts.time_zone import TimeZone

ZONE: TypeAdapter[str] = TypeAdapter(TimeZone)


@pytest.mark.parametrize("name", ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"])
def test_names_of_the_iana_database(name: str) -> None:
    assert ZONE.validate_python(name) == name


@pytest.mark.parametrize(
    "name",
    ["Europe/Atlantis", "", "Europe", "../../etc/passwd", "/etc/localtime", "UTC+2", "U\0TC"],
)
def test_anything_else_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(ValidationError, match="Europe/Berlin"):
        ZONE.validate_python(name)


def test_no_name_is_longer_than_the_column() -> None:
    with pytest.raises(ValidationError, match="64"):
        ZONE.validate_python("Europe/" + "x" * 58)
