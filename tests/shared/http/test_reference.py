"""The page on which tokens are pasted: it loads what we ship and nothing else."""

import re
from hashlib import sha256

import pytest
from httpx import AsyncClient

from local.server import discover
from shared.http.reference import SWAGGER_UI
from tests.conftest import ROOT, Clinic

# Of swagger-ui-dist 5.35.0, as the registry has them.
SHIPPED = {
    "LICENSE": "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30",
    "NOTICE": "0d20d1adef18aee3f40dd258172155521ce702ac445cb5f7b7d60ed32dad2fb2",
    "swagger-ui-bundle.js": "e6a898692f2d768e807c3ba4626068a69a2c5dd960dd6c76f3e4d3a3de180af2",
    "swagger-ui-bundle.js.LICENSE.txt": (
        "37eb6e7e59aed57b2c1acf076574b818ea07b74265717e0bd67b59e0baf9abbb"
    ),
    "swagger-ui.css": "5ed08757e53da3e026d6cbecc61fe5d43585c9560b302d534ad56692519a273d",
}


def test_files_are_those_of_the_package() -> None:
    values = {
        path.name: sha256(path.read_bytes()).hexdigest()
        for path in SWAGGER_UI.iterdir()
        if path.name != "README.md"
    }
    assert values == SHIPPED


@pytest.mark.parametrize("function", sorted(discover(ROOT)))
async def test_page_loads_everything_from_its_own_function(clinic: Clinic, function: str) -> None:
    async with clinic.client(None) as client:
        page = await client.get(f"/api/{function}/docs")
        loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert "docs/swagger-ui-bundle.js" in loaded
        for address in set(loaded) - {"data:,"}:
            assert address.startswith("docs/")
            assert (await client.get(f"/api/{function}/{address}")).status_code == 200
        start = await client.get(f"/api/{function}/docs/start.js")
        assert (await client.get(f"/api/{function}/openapi.json")).status_code == 200
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "default-src 'none'" in policy
    assert page.headers.get_list("content-security-policy") == [policy]
    assert "http" not in page.text + start.text + policy.replace("https", "http")
    assert "validatorUrl: null" in start.text


async def test_parts_are_typed_kept_and_packed_for_who_reads_that(clinic: Clinic) -> None:
    async with clinic.client(None) as client:
        packed = await _part(client, "gzip")
        plain = await _part(client, "identity")
    assert packed["content-encoding"] == "gzip"
    assert int(packed["content-length"]) < 600_000 < int(plain["content-length"])
    assert packed["content-type"].startswith("text/javascript")
    assert packed["cache-control"] == "public, max-age=86400"


async def _part(client: AsyncClient, accept: str) -> dict[str, str]:
    address = "/api/records/docs/swagger-ui-bundle.js"
    return dict((await client.get(address, headers={"Accept-Encoding": accept})).headers)
