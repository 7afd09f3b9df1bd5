"""What the database refuses, as whoever asked is told it."""

import json
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, EmulatedDBAPIException
from sqlalchemy.exc import TimeoutError as PoolExhausted

from shared.database.refusals import KeyRefused, in_the_callers_terms, state_of
from shared.errors import Forbidden, MediLensError, Unavailable
from shared.limits_reached import QuotaUsedUp, TooManyRequests
from shared.person_conflicts import PersonErased, PersonMerged

SURVIVOR = UUID(int=7)
QUOTA = {"most": 500, "zone": "Europe/Berlin", "wait_s": 90}


def refused(sqlstate: str, **told: Any) -> asyncpg.PostgresError:
    failure = asyncpg.PostgresError("refused")
    for name, value in {"sqlstate": sqlstate, **told}.items():
        setattr(failure, name, value)
    return failure


def told_of(failure: BaseException) -> MediLensError:
    with pytest.raises(MediLensError) as told, in_the_callers_terms():
        raise failure
    assert told.value.__cause__ is failure
    return told.value


def by_sqlalchemy(failure: asyncpg.PostgresError) -> DBAPIError:
    """The failure as SQLAlchemy raises it: around its own of asyncpg, which was raised from it."""
    return DBAPIError("SELECT 1", {}, EmulatedDBAPIException("refused", failure))


class TestWhoever:
    @pytest.mark.parametrize(
        ("sqlstate", "said"),
        [("ML401", "not an active member"), ("ML403", "your roles"), ("ML405", "scopes")],
    )
    def test_may_not_is_told_why(self, sqlstate: str, said: str) -> None:
        refusal = told_of(refused(sqlstate))
        assert isinstance(refusal, Forbidden)
        assert said in refusal.detail

    @pytest.mark.parametrize(("detail", "wait_s"), [("12", 12), (None, 1), ("", 1)])
    def test_asks_too_often_is_told_when_to_come_back(
        self, detail: str | None, wait_s: int
    ) -> None:
        refusal = told_of(refused("ML429", detail=detail))
        assert isinstance(refusal, TooManyRequests)
        assert refusal.wait_s == wait_s

    def test_has_used_up_the_quota_is_told_what_it_is(self) -> None:
        refusal = told_of(refused("ML430", detail=json.dumps(QUOTA)))
        assert isinstance(refusal, QuotaUsedUp)
        assert (refusal.most, refusal.wait_s) == (500, 90)

    def test_names_a_duplicate_is_told_of_the_survivor(self) -> None:
        refusal = told_of(refused("ML409", detail=str(SURVIVOR)))
        assert isinstance(refusal, PersonMerged)
        assert refusal.survivor == SURVIVOR

    def test_names_an_erased_person_is_told_so(self) -> None:
        assert isinstance(told_of(refused("ML410")), PersonErased)


class TestServer:
    @pytest.mark.parametrize(
        ("sqlstate", "said"), [("ML498", "MEDILENS_IDENTITY_KEY"), ("ML499", "clocks")]
    )
    def test_lets_in_nobody_whom_we_name(self, sqlstate: str, said: str) -> None:
        refusal = told_of(refused(sqlstate))
        assert isinstance(refusal, KeyRefused)
        assert said in refusal.reason

    @pytest.mark.parametrize(
        "failure",
        [
            refused("08006"),
            refused("40001"),
            refused("53300"),
            refused("57014"),
            ConnectionResetError(),
            asyncpg.InterfaceError("connection is closed"),
            PoolExhausted(),
        ],
        ids=repr,
    )
    def test_that_does_not_answer_is_asked_again_later(self, failure: Exception) -> None:
        refusal = told_of(failure)
        assert type(refusal) is Unavailable
        assert "does not answer" in refusal.detail

    def test_that_cannot_write_the_trail_stores_nothing(self) -> None:
        where = "PL/pgSQL function medilens.record(text) line 3 at SQL statement"
        assert "audit trail" in told_of(refused("23514", context=where)).detail

    @pytest.mark.parametrize("sqlstate", ["23505", "42601", "22P02"])
    def test_that_is_asked_wrongly_tells_of_our_mistake(self, sqlstate: str) -> None:
        with pytest.raises(asyncpg.PostgresError), in_the_callers_terms():
            raise refused(sqlstate)

    def test_is_understood_through_sqlalchemy_too(self) -> None:
        failure = by_sqlalchemy(refused("ML409", detail=str(SURVIVOR)))
        assert state_of(failure) == "ML409"
        refusal = told_of(failure)
        assert isinstance(refusal, PersonMerged)
        assert refusal.survivor == SURVIVOR


def test_what_is_no_refusal_of_the_database_passes_as_it_is() -> None:
    with pytest.raises(KeyError), in_the_callers_terms():
        raise KeyError("name")
    assert state_of(KeyError("name")) == ""
