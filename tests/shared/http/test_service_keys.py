"""Keys of programs: made once, known by their hash, usable from where they say."""

from hashlib import sha256
from uuid import UUID

import pytest

from shared.caller import KeyHolder
from shared.errors import Unauthenticated
from shared.http import service_keys

KEY_ID = UUID("0199b0f4-8a6e-7c35-9d1e-2f6a40c8b712")
CLINIC = ("10.20.0.0/16", "2001:db8:1::/48")


def held(*networks: str) -> KeyHolder:
    return KeyHolder(KEY_ID, "user_ada", "org_clinic", scopes=(), networks=networks)


class TestMade:
    def test_says_what_it_is_and_cannot_be_guessed(self) -> None:
        key = service_keys.made()
        assert key.startswith("mlk_")
        assert len(key) == len("mlk_") + 43  # 32 bytes, six bits a character

    def test_every_key_is_another(self) -> None:
        assert len({service_keys.made() for _ in range(100)}) == 100


class TestHashed:
    def test_is_the_hash_of_the_whole_key(self) -> None:
        assert service_keys.hashed("mlk_a") == sha256(b"mlk_a").digest()


class TestHolder:
    async def test_is_looked_up_by_the_hash_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        holders = {service_keys.hashed("mlk_a"): held()}

        async def find_holder(key_hash: bytes) -> KeyHolder | None:
            return holders.get(key_hash)

        monkeypatch.setattr(service_keys, "find_holder", find_holder)
        assert (await service_keys.holder("mlk_a")).key_id == KEY_ID
        with pytest.raises(Unauthenticated, match="unknown, revoked or expired"):
            await service_keys.holder("mlk_b")


class TestIsUsableFrom:
    @pytest.mark.parametrize("address", ["198.51.100.7", "::1", None])
    def test_key_that_names_no_network_is_usable_from_anywhere(self, address: str | None) -> None:
        assert service_keys.is_usable_from(address, held())

    @pytest.mark.parametrize("address", ["10.20.0.0", "10.20.255.255", "2001:db8:1::9"])
    def test_inside_of_its_networks(self, address: str) -> None:
        assert service_keys.is_usable_from(address, held(*CLINIC))

    @pytest.mark.parametrize(
        "address", ["10.21.0.0", "10.19.255.255", "2001:db8:2::9", "::1", None]
    )
    def test_outside_of_its_networks_or_from_nobody_knows_where(self, address: str | None) -> None:
        assert not service_keys.is_usable_from(address, held(*CLINIC))
