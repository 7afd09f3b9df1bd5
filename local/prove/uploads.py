"""Files that are not what they say, and addresses that lead inside."""

import struct
import zlib
from collections.abc import Iterable
from hashlib import sha256
from typing import Any
from uuid import uuid4

import httpx

from local.prove.attacks import Finding, NotTried, attack, code_of, judged, line_of
from local.prove.stand import Stand, had
from shared.aws.parts import PART_BYTES
from shared.permissions import RoleName

FILES = ("ASVS 5.2.1", "ASVS 5.2.2", "ASVS 5.2.6", "API4:2023")
OUTGOING = ("164.312(e)(1)", "ASVS 13.2.4", "API7:2023")
UPLOADS, WEBHOOKS = "/api/uploads", "/api/accounts/webhooks"
TEN_GIGABYTES = 10_000_000_000
PIXELS_OF_A_FLOOD = 40_000
PNG = b"\x89PNG\r\n\x1a\n"
# Addresses that lead to this machine, to its cloud's metadata, or around the check.
PRIVATE = (
    "https://127.0.0.1/",
    "https://localhost/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://0x7f.1/",
    "https://2130706433/",
    "https://10.0.0.1/",
    "https://metadata.google.internal/",
    "https://user:pass@hooks.example.org/",
    "http://hooks.example.org/",
    "file:///etc/passwd",
    "https://hooks.example.org:22/",
)


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it has so many pixels, and holds none."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(head) - 4) + head + struct.pack(">I", zlib.crc32(head))
    return PNG + chunk


# What is sent as which file to which pipeline.
NO_RECORDINGS: dict[str, tuple[str, str, bytes]] = {
    "a PNG named .dcm": ("radiology", "film.dcm", png_of(1, 1)),
    "a flood of pixels": (
        "dermatology",
        "lesion.png",
        png_of(PIXELS_OF_A_FLOOD, PIXELS_OF_A_FLOOD),
    ),
    "a page of HTML": ("retinal", "fundus.png", b"<html><script>alert(1)</script></html>"),
    "a program": ("cardiology", "ecg.csv", b"\x7fELF" + bytes(64)),
    "a path for a name": ("cognitive", "../../../etc/passwd.json", b"{}"),
    "nothing": ("cognitive", "log.json", b""),
}


@attack(
    37,
    expected="a refusal that says why, and no path of theirs in it",
    rules=FILES,
)
async def no_recordings(stand: Stand) -> Finding:
    """Files that are no recordings, or that unpack to a flood."""
    client = stand.ours.client(RoleName.CLINICIAN)
    subject = str(await stand.ours.person(RoleName.PATIENT))
    findings = []
    for pipeline, name, content in NO_RECORDINGS.values():
        answer = await client.post(
            f"/api/{pipeline}/analyze",
            files={"file": (name, content)},
            data={"subject_id": subject},
        )
        finding = judged(answer, 413, 415, 422)
        findings.append(finding if "etc/passwd" not in answer.text else _with_path(finding))
    return Finding.of(findings)


def _with_path(finding: Finding) -> Finding:
    return Finding(held=False, sent=finding.sent, came_back=f"{finding.came_back}, with the path")


@attack(37, expected="413", rules=FILES)
async def ten_gigabytes(stand: Stand) -> Finding:
    """Ten gigabytes, announced."""
    client = stand.ours.client(RoleName.CLINICIAN)
    return judged(await client.post(UPLOADS, json=announced(b"", size_bytes=TEN_GIGABYTES)), 413)


def announced(content: bytes, **changed: Any) -> dict[str, Any]:
    """What is said of a file before it is sent."""
    told = {
        "content_type": "text/csv",
        "size_bytes": len(content),
        "sha256": sha256(content).hexdigest(),
    }
    return told | changed


@attack(
    37,
    expected="the store or the completion refuses it, and no analysis takes it",
    rules=FILES,
)
async def other_bytes(stand: Stand) -> Finding:
    """An upload with other bytes than it was announced with."""
    client = stand.ours.client(RoleName.CLINICIAN)
    created = await _created(client, b"time_s,ecg_mv\n")
    sent = await _send(stand, created["request"], b"time_s,ECG_MV\n")
    completed = await client.post(f"{UPLOADS}/{created['upload_id']}/complete")
    analyzed = await client.post(
        "/api/cardiology/analyze", data={"upload_id": created["upload_id"]}
    )
    refused = sent.is_error or completed.is_error
    findings = [
        Finding(refused, line_of(completed), f"{sent.status_code}, {completed.status_code}"),
        judged(analyzed, 404, 409, 410, 422),
    ]
    await client.delete(f"{UPLOADS}/{created['upload_id']}")
    return Finding.of(findings)


@attack(
    50,
    expected="the store refuses what was not signed, and reads nothing to anybody",
    rules=("164.312(a)(1)", "ASVS 5.3.2", "API1:2023"),
)
async def a_signed_address(stand: Stand) -> Finding:
    """A signed upload address, used for another file, method or by whoever found it later."""
    client = stand.ours.client(RoleName.CLINICIAN)
    created = await _created(client, b"time_s,ecg_mv\n")
    request = created["request"]
    other = request["url"].replace(created["upload_id"], str(uuid4()))
    answers = [
        await _send(stand, request | {"method": "GET"}, b""),
        await _send(stand, request | {"method": "DELETE"}, b""),
        await _send(stand, request | {"url": request["url"].partition("?")[0]}, b"time_s,ecg_mv\n"),
    ]
    if other != request["url"]:
        answers.append(await _send(stand, request | {"url": other}, b"time_s,ecg_mv\n"))
    await client.delete(f"{UPLOADS}/{created['upload_id']}")
    return _refused_by_the_store(answers)


def _refused_by_the_store(answers: Iterable[httpx.Response]) -> Finding:
    return Finding.of(
        [
            Finding(
                answer.status_code in {400, 401, 403, 404, 405},
                f"{answer.request.method} of the signed address",
                str(answer.status_code),
            )
            for answer in answers
        ]
    )


@attack(
    50,
    expected="the store refuses other bytes, sizes, parts and methods; nobody else gets an address",
    rules=("164.312(a)(1)", "164.312(c)(1)", "ASVS 5.3.2", "API1:2023"),
)
async def a_signed_part(stand: Stand) -> Finding:
    """A part of a large upload, signed for its place, size and hash, and sent otherwise."""
    client, last = stand.ours.client(RoleName.CLINICIAN), b"0.004,0.1\n"
    created = await _created(client, bytes(PART_BYTES) + last)
    place = f"{UPLOADS}/{created['upload_id']}/parts"
    asked = {"parts": [{"number": 2, "sha256": sha256(last).hexdigest()}]}
    (signed,) = had(await client.post(place, json=asked))["parts"]
    request = signed["request"]
    as_first = request["url"].replace("partNumber=2", "partNumber=1")
    answers = [
        await _send(stand, request, b"0.004,9.9\n"),
        await _send(stand, request, last * 2),
        await _send(stand, request | {"url": as_first}, last),
        await _send(stand, request | {"method": "GET"}, b""),
        await _send(stand, request | {"method": "DELETE"}, b""),
    ]
    others = [
        await stand.ours.client(RoleName.ADMIN).post(place, json=asked),
        await stand.theirs.client(RoleName.CLINICIAN).post(place, json=asked),
    ]
    await client.delete(f"{UPLOADS}/{created['upload_id']}")
    return Finding.of(
        [_refused_by_the_store(answers), *(judged(answer, 403, 404) for answer in others)]
    )


async def _created(client: httpx.AsyncClient, content: bytes) -> dict[str, Any]:
    """Announce a file.

    Raises
    ------
    NotTried
        The deployment has no store for uploads.
    """
    answer = await client.post(UPLOADS, json=announced(content))
    if code_of(answer) == "uploads-not-offered":
        raise NotTried("The deployment has no store for uploads.")
    return had(answer)


async def _send(stand: Stand, request: dict[str, Any], content: bytes) -> httpx.Response:
    """Send to the store as the signed request says; the store is not the API."""
    stand.secrets.add(request["url"])
    body = content if request["method"] == "PUT" else None
    async with httpx.AsyncClient(timeout=60) as client:
        return await client.request(
            request["method"], request["url"], headers=request["headers"], content=body
        )


@attack(
    39,
    expected="422",
    rules=OUTGOING,
)
async def private_webhooks(stand: Stand) -> Finding:
    """Webhooks to addresses of this machine, its network and its cloud."""
    client = stand.ours.client(RoleName.ADMIN)
    findings = []
    for url in PRIVATE:
        answer = await client.post(WEBHOOKS, json={"url": url, "events": ["person.merged"]})
        if answer.is_success:
            stand.ours.undo_at_the_end("DELETE", f"{WEBHOOKS}/{answer.json()['id']}")
        finding = judged(answer, 422)
        findings.append(Finding(finding.held, f"{finding.sent}: {url}", finding.came_back))
    return Finding.of(findings)
