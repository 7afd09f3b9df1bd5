"""A local master key wraps the organizations' keys; one of before still opens, another never."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest

from shared import settings
from shared.database.encryption import masters, memory
from shared.database.encryption.masters import MasterKeyMissing, Parts, WrappedKeys

OLD, NEW = "0123456789abcdef" * 4, "fedcba9876543210" * 4
ORGANIZATION = uuid4()


@pytest.fixture(autouse=True)
def use(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    monkeypatch.setenv("MEDILENS_MASTER_KEY", OLD)
    monkeypatch.delenv("MEDILENS_MASTER_KMS_KEY", raising=False)
    settings.load.cache_clear()
    memory.ORGANIZATIONS.forget()
    yield monkeypatch
    memory.ORGANIZATIONS.forget()


def turn_to(use: pytest.MonkeyPatch, keys: str) -> None:
    use.setenv("MEDILENS_MASTER_KEY", keys)
    settings.load.cache_clear()


async def wrapped(number: int = 1) -> tuple[Parts, WrappedKeys]:
    parts = Parts.new()
    return parts, await masters.wrap(ORGANIZATION, number, parts)


class TestParts:
    def test_the_three_keys_of_a_blob_are_told_apart(self) -> None:
        parts = Parts.new()
        assert Parts.of(parts.joined) == parts
        assert len({parts.wrapping, parts.index, parts.texts}) == 3

    def test_none_of_them_is_shown(self) -> None:
        assert repr(Parts(b"wrapping", b"index", b"texts")) == "Parts()"


class TestWrapping:
    async def test_what_was_wrapped_opens_again(self) -> None:
        parts, keys = await wrapped()
        assert await masters.unwrap(keys) == parts
        assert keys.master == masters.current_master()
        assert OLD not in keys.master

    async def test_a_key_that_was_replaced_still_opens(self, use: pytest.MonkeyPatch) -> None:
        parts, keys = await wrapped()
        turn_to(use, f"{NEW} {OLD}")
        assert await masters.unwrap(keys) == parts
        assert masters.current_master() != keys.master

    async def test_the_first_of_two_wraps(self, use: pytest.MonkeyPatch) -> None:
        turn_to(use, f"{NEW} {OLD}")
        parts, keys = await wrapped()
        turn_to(use, NEW)
        assert await masters.unwrap(keys) == parts

    async def test_another_key_opens_nothing_and_is_named(self, use: pytest.MonkeyPatch) -> None:
        _, keys = await wrapped()
        turn_to(use, NEW)
        with pytest.raises(MasterKeyMissing, match=keys.master):
            await masters.unwrap(keys)

    @pytest.mark.parametrize("other", [{"organization": uuid4()}, {"number": 2}])
    async def test_a_blob_opens_for_its_own_organization_and_number_alone(
        self, other: dict[str, object]
    ) -> None:
        _, keys = await wrapped()
        with pytest.raises(MasterKeyMissing):
            await masters.unwrap(replace(keys, **other))  # type: ignore[arg-type]


class TestOpened:
    async def test_the_newest_number_makes_tokens_and_all_open(self) -> None:
        (_, first), (newest, second) = await wrapped(1), await wrapped(2)
        keys = await masters.opened([first, second])
        assert set(keys.wrapping) == {1, 2}
        assert keys.index == newest.index
        assert keys.newest.secret == newest.wrapping

    async def test_the_master_is_not_asked_again(self, use: pytest.MonkeyPatch) -> None:
        _, stored = await wrapped()
        keys = await masters.opened([stored])
        turn_to(use, NEW)
        assert await masters.opened([stored]) is keys

    async def test_rewrapped_keys_are_opened_anew(self) -> None:
        (_, before), (parts, after) = await wrapped(), await wrapped()
        await masters.opened([before])
        assert (await masters.opened([after])).index == parts.index
