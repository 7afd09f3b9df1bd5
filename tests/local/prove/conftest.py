"""A stand on the server of the tests, in two organizations of one test."""

from collections.abc import AsyncIterator

import pytest
from httpx import ASGITransport

from local import demo
from local.databases import Databases
from local.prove.stand import Stand
from shared import settings
from shared.permissions import RoleName
from tests.conftest import APP_PASSWORD, IDENTITY_KEY, ISSUER, Addresses, Clinic


@pytest.fixture
async def stand(
    configured: Addresses,
    clinic: Clinic,
    elsewhere: Clinic,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Stand]:
    monkeypatch.setenv("MEDILENS_AUTHORIZED_PARTIES", ISSUER)
    settings.load.cache_clear()
    databases = Databases(configured.owner, configured.app, APP_PASSWORD, IDENTITY_KEY)
    opened = Stand(
        "http://test",
        transport=ASGITransport(clinic.server, raise_app_exceptions=False),
        issuer=clinic.issuer,
        databases=databases,
        superuser_url=configured.superuser,
    ).let_in(tokens_of(clinic), tokens_of(elsewhere))
    async with opened:
        yield opened


def tokens_of(clinic: Clinic) -> dict[RoleName, str]:
    """A token of each role, with a second factor shown just now."""
    return {
        role: clinic.issuer.issue(
            demo.subject(role, clinic.identity), clinic.identity, is_confirmed=True
        )
        for role in clinic.roles
    }
