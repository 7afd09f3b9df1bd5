"""Statements that forge an identity: in a request, and with a stolen password."""

from uuid import uuid4

from local.prove.attacks import Finding, Needs, attack
from local.prove.database import ACCESS, tenant_tables
from local.prove.forgery import FORGERIES
from local.prove.forgery.rights import CHANGES
from local.prove.forgery.scene import Scene
from local.prove.inside import as_functions, as_owner, caller, changed, entered, words
from local.prove.stand import Stand, had
from shared.permissions import RoleName


@attack(
    61,
    "statements that forge an identity, in a clinician's open transaction",
    expected="no row beyond the request, nothing changed",
    rules=ACCESS,
    needs=Needs.STACK,
)
async def forged_in_a_request(stand: Stand) -> Finding:
    """Run each statement in a transaction of a clinician, and look around after it."""
    canary = await _visit(stand)
    async with as_owner(stand) as owner:
        told = await words(owner, stand, RoleName.CLINICIAN)
        tables = await tenant_tables(owner)
    reached = []
    async with as_functions(stand) as driver:
        scene = Scene(driver, told, tables)
        for statement in FORGERIES:
            async with entered(driver, caller(stand.ours, RoleName.CLINICIAN)):
                changes = statement in CHANGES and await scene.touched(statement)
                if changes or await _crosses(scene, statement, canary):
                    reached.append(statement)
    return _told(reached)


@attack(
    62,
    "the same statements with the password of the functions' role alone",
    expected="no row of anybody",
    rules=ACCESS,
    needs=Needs.STACK,
)
async def forged_by_a_stranger(stand: Stand) -> Finding:
    """Run each statement without anybody having entered."""
    canary = await _visit(stand)
    async with as_owner(stand) as owner:
        told = await words(owner, stand, RoleName.CLINICIAN)
        tables = await tenant_tables(owner)
    nobody = {**told, "ours": str(uuid4()), "me": str(uuid4())}
    reached = []
    async with as_functions(stand) as driver:
        for statement in FORGERIES:
            async with changed(driver):
                if await _crosses(Scene(driver, nobody, tables), statement, canary):
                    reached.append(statement)
    return _told(reached)


async def _crosses(scene: Scene, statement: str, canary: str) -> bool:
    return canary in await scene.attack(statement) or bool(await scene.strangers())


def _told(reached: list[str]) -> Finding:
    return Finding(not reached, f"{len(FORGERIES)} statements", f"reached: {reached or 'nothing'}")


async def _visit(stand: Stand) -> str:
    """The other organization's word for a visit: whoever sees it has crossed over."""
    key = await stand.theirs.assessment()
    client = stand.theirs.client(RoleName.CLINICIAN)
    return str(had(await client.get(f"/api/records/assessments/{key}"))["session_id"])
