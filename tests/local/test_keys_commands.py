"""`medilens keys` and `medilens organization`: what an operator is told, and where it connects."""

from collections.abc import Mapping
from uuid import UUID

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from local import encryption, lookups, organizations, rotation
from local.cli import app
from local.rotation import Rotation
from local.unusable_database import DatabaseUnusable
from shared.permissions import RoleName

OWNER = "postgresql://owner:s3cret@db.example.org/medilens"
ORGANIZATION = UUID("0199b0f4-5c10-7d4c-9b21-0a1f2e3d4c5b")


@pytest.fixture(autouse=True)
def owner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDILENS_DIRECT_DATABASE_URL", OWNER)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


class TestEncrypt:
    def done(self, monkeypatch: pytest.MonkeyPatch, rows: Mapping[str, int], people: int) -> Result:
        async def encrypt(url: str) -> Mapping[str, int]:
            assert url == OWNER
            return rows

        async def add_tokens(url: str) -> int:
            assert url == OWNER
            return people

        monkeypatch.setattr(encryption, "encrypt", encrypt)
        monkeypatch.setattr(lookups, "add_tokens", add_tokens)
        return run("keys", "encrypt")

    def test_tables_with_plain_rows_are_counted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        said = self.done(monkeypatch, {"users": 3, "invitations": 0}, 2).stdout
        assert said.splitlines() == [
            "users: 3 rows encrypted",
            "users: 2 people looked up by a token of surname and birth date",
            "Nothing is plain any more.",
        ]

    def test_second_run_has_nothing_to_do(self, monkeypatch: pytest.MonkeyPatch) -> None:
        done = self.done(monkeypatch, {"users": 0}, 0)
        assert (done.exit_code, done.stdout) == (0, "Nothing is plain any more.\n")


class TestRotate:
    def test_each_organization_has_a_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def rotate(_: str) -> list[Rotation]:
            return [Rotation(ORGANIZATION, number=4, rewrapped=120, dropped=1)]

        monkeypatch.setattr(rotation, "rotate", rotate)
        said = run("keys", "rotate").stdout
        assert said == f"{ORGANIZATION}: key 4, 120 wrapped anew, 1 older dropped\n"


class TestRefusals:
    @pytest.mark.parametrize(
        ("words", "place"),
        [
            (("keys", "encrypt"), "local.encryption.encrypt"),
            (("keys", "rotate"), "local.rotation.rotate"),
            (("keys", "refuse-plain"), "local.encryption.refuse_plain"),
            (
                ("organization", "create", "org_a", "Ward 3", "--admin", "ada"),
                "local.organizations.add_person",
            ),
        ],
    )
    def test_database_that_does_not_let_in_is_told_without_the_password(
        self, words: tuple[str, ...], place: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def refused(*_: object) -> None:
            raise asyncpg.InvalidPasswordError("no")

        monkeypatch.setattr(place, refused)
        done = run(*words)
        assert done.exit_code == 1
        assert isinstance(done.exception, DatabaseUnusable)
        assert "refuses the password of owner" in str(done.exception)
        assert "s3cret" not in str(done.exception)


class TestOrganization:
    def test_first_admin_is_made_with_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[object] = []

        async def add_person(*words: object) -> None:
            asked.extend(words)

        monkeypatch.setattr(organizations, "add_person", add_person)
        done = run("organization", "create", "org_a", "Ward 3", "--admin", "ada")
        assert asked == [OWNER, "org_a", "ada", RoleName.ADMIN, "Ward 3"]
        assert done.stdout == "Ward 3 is org_a, and ada its admin.\n"

    def test_nobody_is_made_without_an_admin(self) -> None:
        done = run("organization", "create", "org_a", "Ward 3")
        assert done.exit_code == 2
        assert "--admin" in done.stderr
