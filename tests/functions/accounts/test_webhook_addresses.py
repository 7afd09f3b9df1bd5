"""Addresses that no organization has called, however they are written."""

import asyncio
import json
from typing import Any

import asyncpg
import pytest

from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.functions.accounts.test_outgoing_webhooks import (
    EVERYTHING,
    MESSAGES,
    WEBHOOKS,
    subscribed,
)

ADDRESSES = {
    "rebound.example.org": ["127.0.0.1"],
    "mixed.example.org": ["93.184.215.14", "169.254.169.254"],
}


async def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
    if host not in ADDRESSES:
        raise OSError
    return [(0, 0, 0, "", (address, port)) for address in ADDRESSES[host]]


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://hooks.example.org/",
            "https://localhost/",
            "https://127.0.0.1/",
            "https://[::1]/",
        ),
        *("https://169.254.169.254/latest/meta-data", "https://[fe80::1]/", "https://10.0.0.8/"),
        *("https://[::ffff:169.254.169.254]/", "https://[64:ff9b::a9fe:a9fe]/", "https://127.1/"),
        *("https://2130706433/", "https://0x7f000001/", "https://0.0.0.0/", "https://[fd00::1]/"),
        *(
            "https://metadata.google.internal/",
            "https://a:b@hooks.example.org/",
            "https://db.local/",
        ),
        *("https://hooks.example.org:22/", "https://[2002:7f00:1::]/", "https://224.0.0.1/"),
        *("ftp://hooks.example.org/", "https://hooks.example.org/#here", "https://100.64.0.1/"),
        *("https://hooks.example.org/a b", "https://hooks.example.org\\@127.0.0.1/", "https://"),
        *(
            "https://[fe80::1%25eth0]/",
            "https://hooks.example.org:99999/",
            "https://hö.example.org/",
        ),
    ],
)
async def test_no_address_of_ours_is_taken(clinic: Clinic, url: str) -> None:
    async with clinic.client(RoleName.ADMIN) as client:
        refused = await client.post(WEBHOOKS, json={"url": url, "events": EVERYTHING})
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid-request"), (
            refused.text
        )
        assert "url" in refused.json()["detail"]


async def test_name_that_turns_private_is_refused_like_one_that_is_not_there(
    clinic: Clinic, auditor: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Public when it was taken, this machine when it is called; nobody learns which names exist."""
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    for host in (*ADDRESSES, "nowhere.example.org"):
        webhook = await subscribed(clinic, f"https://{host}/")
        async with clinic.client(RoleName.ADMIN) as client:
            await client.post(f"{WEBHOOKS}/{webhook['id']}/test")
        (row,) = await auditor.fetch(MESSAGES, webhook["id"])
        (attempt,) = json.loads(row["history"])
        assert (attempt["outcome"], attempt["status"]) == ("no-public-address", None), host
