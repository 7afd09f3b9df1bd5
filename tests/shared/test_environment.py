import pytest

from shared.environment import PLATFORMS, given, is_deployed


def test_line_break_of_a_console_is_no_part_of_a_value() -> None:
    assert given({"A": " value\r\n"}) == {"A": "value"}


@pytest.mark.parametrize("empty", ["", " ", "\n", "\t\r\n"])
def test_empty_is_not_given(empty: str) -> None:
    assert given({"A": empty, "B": "b"}) == {"B": "b"}


class TestDeployed:
    @pytest.fixture(autouse=True)
    def laptop(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in PLATFORMS:
            monkeypatch.delenv(name, raising=False)

    @pytest.mark.parametrize("name", ["AWS_EXECUTION_ENV", "VERCEL_REGION"])
    def test_a_platform_names_itself(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(name, "there")
        assert is_deployed()

    def test_a_laptop_does_not(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_REGION", "eu-central-1")
        assert not is_deployed()
