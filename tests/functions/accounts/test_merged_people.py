"""What a merge takes along of two records of one person: consents, and who cares for them."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.database import transaction
from shared.database.refusals import state_of
from shared.permissions import Permission, RoleName
from tests.conftest import Clinic
from tests.functions.accounts.test_care_teams import ask_for_care_teams
from tests.functions.accounts.test_merges import (
    CONSENT,
    MERGES,
    consents_of,
    examined,
    examined_twice,
    merged,
    team_of,
    twice,
    twice_more,
)
from tests.functions.accounts.test_moves import LIST, listed
from tests.functions.accounts.test_patients import PATIENTS
from tests.nonempty import nonempty


@pytest.fixture
async def clinician(clinic: Clinic) -> AsyncIterator[AsyncClient]:
    async with clinic.client(RoleName.CLINICIAN) as client:
        yield client


async def say(client: AsyncClient, person: str, *acts: str) -> None:
    """Have a consent to research given or withdrawn, in this order."""
    for act in acts:
        path = consents_of(person) + ("/research/withdraw" if act == "withdraw" else "")
        answer = await client.post(path, json=None if act == "withdraw" else CONSENT)
        assert answer.status_code in {200, 201}, answer.text


async def is_read(researcher: AsyncClient, person: str) -> bool:
    answer = await researcher.get(LIST, params={"subject_id": person})
    assert answer.status_code in {200, 404}, answer.text
    return answer.status_code == 200


class TestConsents:
    @pytest.mark.parametrize(
        ("of_duplicate", "of_survivor", "holds"),
        [
            (["give"], [], True),
            ([], ["give"], True),
            (["give"], ["give"], True),
            (["give", "withdraw"], ["give"], False),
            (["give"], ["give", "withdraw"], False),
            (["give", "withdraw", "give"], ["give"], True),
            (["give", "withdraw"], [], False),
            ([], [], False),
        ],
    )
    async def test_what_was_withdrawn_of_either_record_does_not_hold(
        self,
        clinic: Clinic,
        clinician: AsyncClient,
        of_duplicate: list[str],
        of_survivor: list[str],
        holds: bool,
    ) -> None:
        again, stays = await twice(clinician)
        for person in nonempty((again, stays)):
            await examined(clinic, clinician, person)
        await say(clinician, again, *of_duplicate)
        await say(clinician, stays, *of_survivor)
        before = [(await clinician.get(consents_of(person))).json() for person in (again, stays)]
        async with clinic.client(RoleName.RESEARCHER) as researcher:
            reached = [await is_read(researcher, person) for person in (again, stays)]
            merge = await merged(clinician, again, stays)
            assert await is_read(researcher, stays) == await is_read(researcher, again) == holds
            told = (await clinician.get(consents_of(again))).json()
            items = [item for told_before in before for item in told_before["items"]]
            assert len(told["items"]) == len(items)
            assert any(item["withdrawn_at"] is None for item in told["items"]) == holds
            undone = await clinician.post(f"{MERGES}/{merge['id']}/undo")
            assert undone.status_code == 200, undone.text
            assert [await is_read(researcher, person) for person in (again, stays)] == reached

    async def test_what_is_withdrawn_in_between_stays_so(
        self, clinic: Clinic, clinician: AsyncClient
    ) -> None:
        again, stays = await twice(clinician)
        for person in nonempty((again, stays)):
            await examined(clinic, clinician, person)
            await say(clinician, person, "give")
        merge = await merged(clinician, again, stays)
        await say(clinician, stays, "withdraw")
        await clinician.post(f"{MERGES}/{merge['id']}/undo")
        async with clinic.client(RoleName.RESEARCHER) as researcher:
            for person in nonempty((again, stays)):
                assert not await is_read(researcher, person)

    async def test_what_is_given_anew_after_the_merge_holds(
        self, clinic: Clinic, clinician: AsyncClient
    ) -> None:
        again, stays, _ = await examined_twice(clinic, clinician)
        await say(clinician, again, "give", "withdraw")
        await merged(clinician, again, stays)
        async with clinic.client(RoleName.RESEARCHER) as researcher:
            assert not await is_read(researcher, stays)
            await say(clinician, stays, "give")
            assert await is_read(researcher, stays)

    @pytest.mark.parametrize("merge", ["NULL", "(SELECT id FROM merges LIMIT 1)", "id"])
    async def test_no_statement_hands_one_over_without_its_merge(
        self, clinic: Clinic, clinician: AsyncClient, merge: str
    ) -> None:
        again, stays = await twice(clinician)
        other, another = await twice_more(clinician, 1)
        await say(clinician, other, "give")
        await merged(clinician, again, stays)
        handed = f"UPDATE consents SET user_id = :person, merge_id = {merge} WHERE user_id = :other"
        caller = clinic.caller(RoleName.CLINICIAN)
        with pytest.raises(DBAPIError) as refusal:
            async with transaction.begin(caller, Permission.MANAGE_PATIENTS) as connection:
                await connection.execute(text(handed), {"person": another, "other": other})
        assert state_of(refusal.value) == "42501"


class TestCare:
    async def test_whoever_cared_for_the_duplicate_reaches_the_survivor_until_it_is_undone(
        self, clinic: Clinic, clinician: AsyncClient
    ) -> None:
        again, stays, key = await examined_twice(clinic, clinician)
        own = {"clinician_id": str(clinic.person_id(RoleName.CLINICIAN))}
        async with clinic.client(RoleName.ADMIN) as admin:
            assert (await admin.post(team_of(again), json=own)).status_code == 201
            await ask_for_care_teams(clinic)
            assert (await clinician.get(f"{PATIENTS}/{stays}")).status_code == 404
            merge = await merged(admin, again, stays)
            assert (await clinician.get(f"{PATIENTS}/{again}")).json()["id"] == stays
            assert await listed(clinician, stays) == [str(key)]
            (carer,) = (await admin.get(team_of(stays))).json()["items"]
            assert carer["clinician_id"] == own["clinician_id"]
            await admin.post(f"{MERGES}/{merge['id']}/undo")
            assert (await clinician.get(f"{PATIENTS}/{stays}")).status_code == 404
            assert await listed(clinician, again) == [str(key)]

    async def test_care_that_ends_in_between_is_over(
        self, clinic: Clinic, clinician: AsyncClient
    ) -> None:
        again, stays, key = await examined_twice(clinic, clinician)
        own = str(clinic.person_id(RoleName.CLINICIAN))
        async with clinic.client(RoleName.ADMIN) as admin:
            await admin.post(team_of(again), json={"clinician_id": own})
            await ask_for_care_teams(clinic)
            merge = await merged(admin, again, stays)
            assert (await clinician.get(f"{LIST}/{key}")).status_code == 200
            await admin.post(f"{team_of(stays)}/{own}/end")
            assert (await clinician.get(f"{LIST}/{key}")).status_code == 404
            await admin.post(f"{MERGES}/{merge['id']}/undo")
            assert (await clinician.get(f"{LIST}/{key}")).status_code == 404
