"""An envelope opens with its key, where it stands, as it was made, and in no other way."""

import time
from base64 import b64encode
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.database.encryption import envelope, memory
from shared.database.encryption.envelope import (
    PREFIX,
    Key,
    NotAnEnvelope,
    Unreadable,
    from_text,
    key_id,
    new_key,
    open_envelope,
    place,
    seal,
)
from shared.database.encryption.texts import OrganizationKeys, Texts
from tests.nonempty import nonempty

KEY = new_key()
ROW, ORGANIZATION = uuid4(), uuid4()
PLACE = place("users", "last_name", ROW, ORGANIZATION)
NAME = "Byron-Király 👩🏽‍⚕️".encode()


def as_text(envelope: bytes) -> str:
    """What a column of text holds of an envelope."""
    return PREFIX + b64encode(envelope).decode()


class TestEnvelope:
    def test_is_aes_256_gcm_that_any_other_library_opens(self) -> None:
        sealed = seal(KEY, NAME, PLACE)
        assert sealed[0] == 1
        assert len(sealed) == len(NAME) + 33
        named = b"users|last_name|" + ROW.bytes + b"|" + ORGANIZATION.bytes
        assert AESGCM(KEY.secret).decrypt(sealed[5:17], sealed[17:], named) == NAME

    def test_same_value_gives_another_envelope_each_time(self) -> None:
        assert len({seal(KEY, NAME, PLACE) for _ in range(1_000)}) == 1_000

    @pytest.mark.parametrize(
        "other",
        [
            place("user_roles", "last_name", ROW, ORGANIZATION),
            place("users", "first_name", ROW, ORGANIZATION),
            place("users", "last_name", uuid4(), ORGANIZATION),
            place("users", "last_name", ROW, uuid4()),
        ],
        ids=["table", "column", "row", "organization"],
    )
    def test_does_not_open_elsewhere(self, other: bytes) -> None:
        sealed = seal(KEY, NAME, PLACE)
        with pytest.raises(Unreadable):
            open_envelope(KEY, sealed, other)

    def test_does_not_open_with_another_key_even_of_the_same_name(self) -> None:
        sealed = seal(Key(KEY.secret, 7), NAME, PLACE)
        for other in (new_key(), new_key(7), Key(KEY.secret, 8)):
            with pytest.raises(Unreadable):
                open_envelope(other, sealed, PLACE)
        assert key_id(sealed) == (7).to_bytes(4)

    def test_does_not_open_when_any_byte_was_changed_or_is_missing(self) -> None:
        sealed = seal(KEY, NAME, PLACE)
        for k in nonempty(range(len(sealed))):
            changed = bytearray(sealed)
            changed[k] ^= 1
            with pytest.raises((Unreadable, NotAnEnvelope)):
                open_envelope(KEY, bytes(changed), PLACE)
            with pytest.raises((Unreadable, NotAnEnvelope)):
                open_envelope(KEY, sealed[:k], PLACE)

    @pytest.mark.parametrize(
        "plain", ["", "mle:", "mle:Byron", "mle:AAAA", "Byron", "mle:" + "A" * 60]
    )
    def test_text_of_people_is_not_taken_for_one(self, plain: str) -> None:
        assert from_text(plain) is None
        texts = Texts(ORGANIZATION, KEY)
        stored = texts.sealed("users", "last_name", ROW, plain)
        assert stored is not None
        assert stored != plain
        assert texts.opened("users", "last_name", ROW, stored) == plain

    def test_text_form_holds_the_envelope(self) -> None:
        sealed = seal(KEY, NAME, PLACE)
        assert from_text(as_text(sealed)) == sealed


class TestTexts:
    def test_json_comes_back_as_json_and_nothing_as_nothing(self) -> None:
        texts, address = Texts(ORGANIZATION, KEY), {"city": "Ulm", "lines": ["1"]}
        stored = texts.sealed("users", "address", ROW, address)
        assert texts.opened("users", "address", ROW, stored) == address
        assert texts.sealed("users", "phone", ROW, None) is None
        assert texts.opened("users", "phone", ROW, None) is None

    @pytest.mark.parametrize("key", [KEY, None], ids=["a key", "no key"])
    def test_what_was_stored_in_plain_reads_as_it_is(self, key: Key | None) -> None:
        texts = Texts(ORGANIZATION, key)
        assert texts.opened("users", "address", ROW, {"city": "Ulm"}) == {"city": "Ulm"}
        for plain in ("", "Byron", "Qnlyb24=", "mle:Byron", b64encode(bytes(60)).decode()):
            assert texts.opened("users", "last_name", ROW, plain) == plain

    def test_does_not_open_when_any_byte_was_changed_or_the_place_is_another(self) -> None:
        texts, sealed = Texts(ORGANIZATION, KEY), seal(KEY, NAME, PLACE)
        for k in nonempty(range(1, len(sealed))):
            changed = bytearray(sealed)
            changed[k] ^= 1
            with pytest.raises(Unreadable):
                texts.opened("users", "last_name", ROW, as_text(bytes(changed)))
        with pytest.raises(Unreadable):
            texts.opened("users", "last_name", uuid4(), as_text(sealed))

    def test_reads_as_nothing_once_the_key_is_destroyed(self) -> None:
        stored = Texts(ORGANIZATION, KEY).sealed("users", "last_name", ROW, "Byron")
        assert Texts(ORGANIZATION, None).opened("users", "last_name", ROW, stored) is None


def organization(number: int = 1) -> OrganizationKeys:
    return OrganizationKeys(
        ORGANIZATION, {number: new_key(number)}, new_key().secret, Texts(ORGANIZATION, new_key())
    )


class TestKeys:
    def test_wrapped_key_is_a_persons_own(self) -> None:
        keys, person = organization(), uuid4()
        wrapped = keys.wrapped(person, KEY)
        assert len(wrapped) == 65
        assert keys.of_person(person, wrapped).key == Key(KEY.secret)
        with pytest.raises(Unreadable):
            keys.of_person(uuid4(), wrapped)

    def test_tokens_are_equal_for_equal_values_of_one_organization_alone(self) -> None:
        keys = organization()
        assert keys.token("identifier", "a", "b") == keys.token("identifier", "a", "b")
        others = {
            keys.token("identifier", "ab", ""),
            keys.token("mail", "a", "b"),
            organization().token("identifier", "a", "b"),
        }
        assert len(others | {keys.token("identifier", "a", "b")}) == 4
        assert keys.mail_token("Eve@Example.org") == keys.mail_token("eve@example.ORG")
        assert keys.mail_token("É@example.org") != keys.mail_token("é@example.org")

    def test_memory_is_bounded_in_time_and_number(self, monkeypatch: pytest.MonkeyPatch) -> None:
        known = memory.Memory()
        names = [UUID(int=k) for k in range(memory.MOST_KEPT + 1)]
        for name in names:
            known.put(name, memory.Opened(frozenset(), organization()))
        assert known.get(names[0]) is None
        assert known.get(names[-1]) is not None
        now = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: now + memory.KEPT_S + 1)
        assert known.get(names[-1]) is None

    def test_no_key_is_shown_where_an_object_is(self) -> None:
        keys = organization()
        shown = repr((KEY, keys, keys.texts, memory.Opened(frozenset(), keys)))
        for secret in (KEY.secret, keys.index, keys.newest.secret):
            assert repr(secret)[2:-1] not in shown
        assert envelope.KEY_BYTES == 32
