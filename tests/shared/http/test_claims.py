"""The organization of a token, wherever its provider writes it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.claims import MAX_NAME_CHARACTERS, name_of, organization_of, party_of


class TestNameOf:
    @given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1))
    def test_any_line_is_a_name(self, words: str) -> None:
        assert name_of(words) == words

    @pytest.mark.parametrize(
        "value", ["", "a\nb", "a\0", "\x1b[1m", "\ud800", None, 7, b"a", ["a"]]
    )
    def test_what_cannot_be_looked_up_or_written_down_is_none(self, value: object) -> None:
        assert name_of(value) is None

    def test_is_as_long_as_openid_connect_allows(self) -> None:
        longest = "a" * MAX_NAME_CHARACTERS
        assert (name_of(longest), name_of(longest + "a")) == (longest, None)


class TestPartyOf:
    @pytest.mark.parametrize(
        ("claims", "party"),
        [
            ({"azp": "https://app.example"}, "https://app.example"),
            ({"client_id": "4kh9"}, "4kh9"),
            ({"azp": "app", "client_id": "other"}, "app"),
            ({"azp": None, "client_id": "other"}, None),
            ({}, None),
        ],
    )
    def test_is_the_authorized_party_or_the_client(
        self, claims: dict[str, Any], party: str | None
    ) -> None:
        assert party_of(claims) == party


class TestUsualClaims:
    @pytest.mark.parametrize(
        ("claims", "organization"),
        [
            ({"o": {"id": "org_a"}}, "org_a"),
            ({"org_id": "org_a"}, "org_a"),
            ({"o": {"id": "org_a"}, "org_id": "org_b"}, "org_a"),
            ({"o": {}, "org_id": "org_b"}, None),
            ({"o": "org_a", "org_id": "org_b"}, "org_b"),
            ({"o": {"id": {"id": "org_a"}}}, None),
            ({"sub": "user_ada"}, None),
        ],
    )
    def test_nested_comes_before_plain(
        self, claims: dict[str, Any], organization: str | None
    ) -> None:
        assert organization_of(claims, None) == organization

    def test_is_not_looked_for_where_the_settings_name_another_claim(self) -> None:
        assert organization_of({"o": {"id": "org_a"}, "org_id": "org_b"}, "clinic") is None


class TestNamedClaim:
    @pytest.mark.parametrize(
        ("claims", "name"),
        [
            ({"clinic": "north"}, "clinic"),
            ({"https://clinic.example/org": "north"}, "https://clinic.example/org"),
            ({"app": {"meta": {"clinic": "north"}}}, "app.meta.clinic"),
            ({"app": {"meta.clinic": "north"}}, "app.meta.clinic"),
            ({"app.clinic": "north", "app": {"clinic": "south"}}, "app.clinic"),
        ],
    )
    def test_is_an_address_with_dots_or_a_way(self, claims: dict[str, Any], name: str) -> None:
        assert organization_of(claims, name) == "north"

    @pytest.mark.parametrize("name", ["clinic", "app.ward", "app.", ".clinic", "app.clinic.id"])
    def test_way_that_leads_nowhere(self, name: str) -> None:
        assert organization_of({"app": {"clinic": "north"}}, name) is None


class TestOrganizationsOfKeycloak:
    @pytest.mark.parametrize(
        ("told", "organization"),
        [
            (["north"], "north"),
            ({"north": {}}, "north"),
            ({"north": {"id": "0f3a"}}, "0f3a"),
            ({"north": {"id": ""}}, "north"),
            ({"north": {"id": 7}}, None),
            ({"north": None}, "north"),
            ([{"id": "0f3a"}], None),
        ],
    )
    def test_single_organization_has_an_id_or_an_alias(
        self, told: Any, organization: str | None
    ) -> None:
        assert organization_of({"organization": told}, "organization") == organization

    @pytest.mark.parametrize("told", [[], {}, ["north", "south"], {"north": {}, "south": {}}])
    def test_none_or_several_leave_open_which_is_meant(self, told: Any) -> None:
        assert organization_of({"organization": told}, "organization") is None
