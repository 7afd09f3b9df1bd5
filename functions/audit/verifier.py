"""Verify an export of the audit trail, without MediLens and without its database.

    python verifier.py EXPORT [CHECKPOINT ...] [--key BASE64]

EXPORT is what `medilens audit export` or `GET /api/audit/export` gave: a line of JSON for each
sealed row of one organization, from the first, and taken after the CHECKPOINTs, which are files of
the bucket, any number, in any order. KEY is the public key that signs them, as whoever holds the
key told you, not as a checkpoint says. Needs Python 3.11; signatures need the package cryptography.
Prints what is wrong, and exits with 1 then.
"""

import argparse
import hashlib
import json
import sys
from base64 import b64decode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain as chained
from itertools import pairwise
from pathlib import Path
from typing import Any

# What form 1 covers of a row, in this order; nothing is `:,` and an empty text `0:,`.
FIELDS = (
    *("id", "created_at", "organization_id", "user_id", "actor_type", "actor_role", "actor_ip"),
    *("user_agent", "request_id", "session_id", "action", "resource_type", "resource_id"),
    *("subject_id", "outcome", "phi_accessed", "details", "content_hash"),
)
FORM = 1


@dataclass(frozen=True)
class Finding:
    """What is wrong, by its name, and where."""

    code: str
    words: str

    def __str__(self) -> str:
        return f"{self.code}: {self.words}"


@dataclass
class Chain:
    """How far the export's chain was followed, and the hashes of rows that checkpoints name."""

    wanted: frozenset[int] = frozenset()
    organization: str | None = None
    seq: int = 0
    hashes: dict[int, str] = field(default_factory=dict)

    def add(self, row: dict[str, Any]) -> None:
        self.seq = row["seq"]
        if self.seq in self.wanted:
            self.hashes[self.seq] = row["hash"]


def leaf(fields: dict[str, str | None]) -> bytes:
    """Return the hash of a row: SHA-256 over the form and a netstring for each field."""
    parts = [f"{FORM};".encode()]
    for name in FIELDS:
        value = fields[name]
        encoded = (value or "").encode()
        length = b"" if value is None else str(len(encoded)).encode()
        parts.append(length + b":" + encoded + b",")
    return hashlib.sha256(b"".join(parts)).digest()


def genesis(organization: str) -> bytes:
    return hashlib.sha256(f"medilens audit chain;{organization}".encode()).digest()


def follow(lines: Iterable[str], chain: Chain) -> Iterator[Finding]:
    """Follow the chain row by row, and yield what does not fit; the first finding counts most."""
    rows = (json.loads(line) for line in lines if line.strip())
    before = b""
    for row, following in pairwise(chained(rows, [None])):
        if chain.organization is None and row["fields"]:
            chain.organization = row["fields"]["organization_id"]
            before = before or genesis(chain.organization)
        if finding := _judge(row, following, chain, before):
            yield finding
        chain.add(row)
        before = bytes.fromhex(row["hash"])


def _judge(
    row: dict[str, Any], following: dict[str, Any] | None, chain: Chain, before: bytes
) -> Finding | None:
    """Say what is wrong with a row after the hash `before`, if anything is."""
    fields = row["fields"]
    if row["seq"] != chain.seq + 1:
        return _out_of_order(row["seq"], chain.seq)
    if fields is None:
        return Finding("rows-missing", f"row {row['seq']} has a seal, and is gone")
    if fields["organization_id"] != chain.organization:
        return Finding("row-changed", f"row {row['seq']} is of another organization")
    if hashlib.sha256(before + leaf(fields)).hexdigest() == row["hash"]:
        return None
    return _changed(row, before, following["fields"] if following else None)


def _out_of_order(seq: int, last: int) -> Finding:
    if seq <= last:
        return Finding("rows-swapped", f"row {seq} stands after row {last}")
    return Finding("seals-missing", f"rows {last + 1} to {seq - 1} are missing with their seals")


def _changed(row: dict[str, Any], before: bytes, following: dict[str, Any] | None) -> Finding:
    """Say whether a row that does not fit has changed places with the next one."""
    fits = following and hashlib.sha256(before + leaf(following)).hexdigest() == row["hash"]
    if fits:
        return Finding("rows-swapped", f"rows {row['seq']} and {row['seq'] + 1} are exchanged")
    return Finding("row-changed", f"row {row['seq']} (event {row['fields']['id']})")


def is_signed_by(public_key: bytes, signature: bytes, digest: bytes) -> bool:
    """Say whether the key's owner signed the hash (Ed25519)."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  # for signatures alone
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PublicKey,
    )

    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, digest)
    except (InvalidSignature, ValueError):
        return False
    return True


def check_signature(envelope: dict[str, str], key: str | None) -> Iterator[Finding]:
    """Yield what is wrong with a checkpoint's signature by the key that we were told."""
    if key is None:
        return
    digest = hashlib.sha256(envelope["checkpoint"].encode()).digest()
    if not is_signed_by(b64decode(key), b64decode(envelope["signature"]), digest):
        number = json.loads(envelope["checkpoint"])["number"]
        yield Finding("checkpoint-not-signed", f"checkpoint {number} is not signed with the key")


def compare(chain: Chain, checkpoint: dict[str, Any]) -> Iterator[Finding]:
    """Yield where the chain is not as a checkpoint has it, and what the checkpoint tells itself."""
    number, heads = checkpoint["number"], heads_of(checkpoint)
    if chain.organization is None and heads:
        yield Finding("chain-missing", f"checkpoint {number} knows of {len(heads)} chains")
    seq, digest = heads.get(chain.organization or "", (0, ""))
    if seq > chain.seq:
        yield Finding(
            "tail-missing",
            f"checkpoint {number} of {checkpoint['made_at']} knows row {seq}, and the chain ends at"
            f" {chain.seq}: its end was cut off, or an old backup took its place",
        )
    elif seq and chain.hashes.get(seq) != digest:
        yield Finding("chain-rewritten", f"row {seq} is not as checkpoint {number} has it")
    for told in checkpoint["breaks"]:
        if told["organization_id"] == chain.organization:
            yield Finding(told["fault"], f"told by checkpoint {number}, of row {told['seq']}")


def heads_of(checkpoint: dict[str, Any]) -> dict[str, tuple[int, str]]:
    """Return how far each organization's chain had come, and the hash of its last row."""
    return {organization: (seq, digest) for organization, seq, digest in checkpoint["heads"]}


def check_order(checkpoints: Sequence[dict[str, Any]], organization: str) -> Iterator[Finding]:
    """Yield where the chain became shorter, or the definitions others under one schema."""
    for before, after in pairwise(checkpoints):
        numbers = f"between checkpoints {before['number']} and {after['number']}"
        former, latter = (heads_of(told).get(organization, (0, ""))[0] for told in (before, after))
        if latter < former:
            yield Finding(
                "backup-restored", f"{numbers} the chain went back from row {former} to {latter}"
            )
        is_same = before["revision"] == after["revision"]
        if is_same and before["fingerprint"] != after["fingerprint"]:
            yield Finding(
                "definitions-changed",
                f"{numbers} functions, triggers, policies or rights of the database became others"
                " without a new schema",
            )


def verify(
    export: Iterable[str], envelopes: Sequence[dict[str, str]], key: str | None
) -> tuple[Chain, list[Finding]]:
    """Return how far the chain goes, and everything that is wrong."""
    told = sorted(
        (json.loads(envelope["checkpoint"]) for envelope in envelopes),
        key=lambda checkpoint: str(checkpoint["made_at"]),
    )
    chain = Chain(frozenset(head[1] for checkpoint in told for head in checkpoint["heads"]))
    findings = list(follow(export, chain))
    for envelope in envelopes:
        findings += check_signature(envelope, key)
    for checkpoint in told:
        findings += compare(chain, checkpoint)
    return chain, [*findings, *check_order(told, chain.organization or "")]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("export", type=Path)
    parser.add_argument("checkpoints", nargs="*", type=Path)
    parser.add_argument("--key", help="the public key of the checkpoints, in base64")
    asked = parser.parse_args(arguments)
    envelopes = [json.loads(place.read_bytes()) for place in asked.checkpoints]
    with asked.export.open(encoding="utf-8") as lines:
        chain, findings = verify(lines, envelopes, asked.key)
    for finding in findings:
        sys.stdout.write(f"{finding}\n")
    signed = "signed" if asked.key else "whose signatures were not checked (--key)"
    sys.stdout.write(
        f"{chain.seq} rows of {chain.organization}, {len(envelopes)} checkpoints, {signed}:"
        f" {len(findings) or 'nothing'} wrong\n"
    )
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
