"""Who issues tokens, and who forges them."""

import io
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from aws_lambda_powertools import Logger
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from local.issuer import Issuer
from local.prove.publishing import KeyServer
from shared import settings
from shared.http import issuer_keys
from shared.http.application import create_app
from shared.runtime import observability
from tests.conftest import ISSUER
from tests.shared.http.trial import LIMIT, router


@pytest.fixture
def key_server(issuer: Issuer) -> Iterator[KeyServer]:
    server = KeyServer(issuer.jwks())
    yield server
    server.stop()


@pytest.fixture
def verifying(key_server: KeyServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyServer]:
    """Tokens are verified by the published keys, with nothing cached yet."""
    monkeypatch.setenv("MEDILENS_TOKEN_ISSUER", ISSUER)
    monkeypatch.setenv("MEDILENS_TOKEN_JWKS_URL", key_server.url)
    monkeypatch.delenv("MEDILENS_TOKEN_PUBLIC_KEY", raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    settings.load.cache_clear()
    issuer_keys._key_set.cache_clear()
    yield key_server
    settings.load.cache_clear()
    issuer_keys._key_set.cache_clear()


@pytest.fixture
def attacker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Issuer:
    monkeypatch.setenv("MEDILENS_ENVIRONMENT", "development")
    return Issuer.open(tmp_path, ISSUER)


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    monkeypatch.setenv("MEDILENS_MAX_REQUEST_BYTES", str(LIMIT))
    settings.load.cache_clear()
    return create_app("trial", "For this test", router)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """What the application lets escape fails the test."""
    transport = ASGITransport(app, raise_app_exceptions=True)
    async with AsyncClient(transport=transport, base_url="http://test/api/trial") as opened:
        yield opened


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[io.StringIO]:
    """Everything that is logged, by us and by the libraries."""
    written = io.StringIO()
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "DEBUG")
    # Powertools sets a service's logger up once only.
    logger = Logger(service=f"trial-{uuid4()}", stream=written, log_uncaught_exceptions=False)
    monkeypatch.setattr(observability, "logger", lambda: logger)
    caplog.set_level(logging.DEBUG)
    root = logging.StreamHandler(written)
    root.addFilter(lambda record: record.name != "httpx")  # the test's own client
    logging.getLogger().addHandler(root)
    yield written
    logging.getLogger().removeHandler(root)
