"""Refusals as a family: what each of them tells a caller."""

from collections.abc import Iterator
from http import HTTPStatus
from uuid import UUID

import pytest

from shared.errors import AnalysisUnfinished, Denied, Forbidden, MediLensError, NotFound
from shared.person_conflicts import PersonErased, PersonMerged

KEY = UUID(int=7)


def family(kind: type[MediLensError]) -> Iterator[type[MediLensError]]:
    yield kind
    for heir in kind.__subclasses__():
        yield from family(heir)


OURS = [kind for kind in family(MediLensError) if kind.__module__.startswith("shared.")]


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_every_refusal_is_an_error_of_http_with_a_plain_code(kind: type[MediLensError]) -> None:
    assert kind.status.is_client_error or kind.status.is_server_error
    assert kind.code == kind.code.lower()
    assert kind.code.replace("-", "").isalnum()


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_mistakes_of_a_caller_are_not_called_ours(kind: type[MediLensError]) -> None:
    assert kind.code != "internal" or kind.status == HTTPStatus.INTERNAL_SERVER_ERROR


@pytest.mark.parametrize("kind", [Denied, Forbidden, NotFound])
def test_denied_record_is_kept_for_the_trail_and_not_in_the_words(kind: type[Denied]) -> None:
    refusal = kind("There is none.", resource_type="users", resource_id=KEY)
    assert (refusal.resource_type, refusal.resource_id) == ("users", KEY)
    assert refusal.detail == "There is none."


def test_merged_person_is_answered_with_the_record_that_stands_for_both() -> None:
    assert PersonMerged(KEY).members == {"person_ids": [KEY]}


@pytest.mark.parametrize("refusal", [PersonErased(), AnalysisUnfinished()])
def test_conflicts_are_told_apart_by_their_code(refusal: MediLensError) -> None:
    assert refusal.status == HTTPStatus.CONFLICT
    assert refusal.code != "conflict"
    assert refusal.members == {}
