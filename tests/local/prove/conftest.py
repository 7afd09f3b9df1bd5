"""A stand of attackers at the server of the tests, with its database and its issuer."""

from collections.abc import AsyncIterator

import pytest
from httpx import ASGITransport

from local.databases import Databases
from local.prove.stand import Stand
from tests.conftest import APP_PASSWORD, IDENTITY_KEY, Addresses, Clinic


@pytest.fixture
async def stand(
    clinic: Clinic, elsewhere: Clinic, configured: Addresses
) -> AsyncIterator[Stand]:
    databases = Databases(configured.owner, configured.app, APP_PASSWORD, IDENTITY_KEY)
    transport = ASGITransport(clinic.server, raise_app_exceptions=False)
    ours, theirs = (
        {role: home.token(role) for role in home.roles} for home in (clinic, elsewhere)
    )
    async with Stand(
        "http://test",
        transport=transport,
        issuer=clinic.issuer,
        databases=databases,
        superuser_url=configured.superuser,
    ).let_in(ours, theirs) as it:
        yield it
