"""The audit trail as FHIR tells it."""

from typing import Any

from httpx import AsyncClient

from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.functions.fhir.judges import complaints
from tests.functions.fhir.test_fhir import FHIR, ask, resources
from tests.nonempty import nonempty


async def everything(client: AsyncClient, query: str = "") -> list[Any]:
    """Every entry of a search, page by page."""
    events, url = [], f"{FHIR}/AuditEvent?_count=10{query}"
    while url:
        bundle = (await client.get(url)).json()
        events += resources(bundle)
        url = {link["relation"]: link["url"] for link in bundle["link"]}.get("next", "")
    return events


class TestAuditEvent:
    async def test_it_says_who_did_what_to_whom(self, clinic: Clinic) -> None:
        key = await stored(clinic)
        patient = clinic.person_id(RoleName.PATIENT)
        async with clinic.client(RoleName.CLINICIAN) as client:
            await client.get(f"{FHIR}/DiagnosticReport/{key}")
            await client.get(f"{FHIR}/AuditEvent")  # refused, which is an entry too
        async with clinic.client(RoleName.ADMIN) as client:
            events = await everything(client, f"&patient=Patient/{patient}")
            refused = await everything(client)
            read = await client.get(f"{FHIR}/AuditEvent/{events[0]['id']}")
            assert read.json() == events[0]
            for absent in ("1-1", "4711", f"{'9' * 17}-{2**63 - 1}", events[0]["id"] + "0"):
                assert (await client.get(f"{FHIR}/AuditEvent/{absent}")).status_code == 404, absent
        for event in nonempty(events):
            assert complaints(event) == []
            assert event["entity"][0]["what"] == {"reference": f"Patient/{patient}"}
        assert {event["action"] for event in events} >= {"C", "R"}
        moments = [event["recorded"] for event in events]
        assert moments == sorted(moments, reverse=True)
        assert len({event["id"] for event in events}) == len(events)
        assert {event["outcome"] for event in refused} == {"0", "4"}

    async def test_it_is_searched_by_date(self, clinic: Clinic) -> None:
        await stored(clinic)
        async with clinic.client(RoleName.ADMIN) as client:
            assert resources(await ask(client, "AuditEvent", date="lt2020")) == []
            assert resources(await ask(client, "AuditEvent", date=["ge2020", "lt2100"]))

    async def test_another_tenants_trail_is_not_in_it(
        self, clinic: Clinic, elsewhere: Clinic
    ) -> None:
        await stored(elsewhere)
        patient = elsewhere.person_id(RoleName.PATIENT)
        async with elsewhere.client(RoleName.ADMIN) as client:
            (event, *_) = await everything(client, f"&patient={patient}")
        async with clinic.client(RoleName.ADMIN) as client:
            assert await everything(client, f"&patient={patient}") == []
            answer = await client.get(f"{FHIR}/AuditEvent/{event['id']}")
            assert answer.status_code == 404

    async def test_a_cursor_of_another_list_is_refused(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.ADMIN) as client:
            for cursor in ("x", "W10=", "WyIyMDI2LTAxLTAxVDAwOjAwOjAwWiIsIC0xXQ==", "e30="):
                answer = await client.get(f"{FHIR}/AuditEvent", params={"cursor": cursor})
                assert answer.status_code == 400, cursor
