"""Tokens that nobody gave, that are over, or that say what they must not."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from local.issuer import RSA_BITS, Issuer, public_jwk
from local.prove.attacks import Finding, NotTried, attack, judged
from local.prove.stand import INVITED, Stand, claims_of, had
from shared.permissions import RoleName
from shared.settings import TokenSettings, load

AUTHENTICATION = ("164.312(d)", "ASVS 9.1.1", "ASVS 9.1.2", "API2:2023")
CLAIMS = ("164.312(d)", "ASVS 9.2.1", "ASVS 9.2.3", "API2:2023")
ME = "/api/accounts/me"
ONE_DAY_S = 24 * 60 * 60
# More than any leeway for clocks.
SKEW_S = 120
# Nobody can be reached there (RFC 6761), so a fetch would fail and the answer be another.
ELSEWHERE = "https://keys.invalid/jwks.json"
# Claims changed in a token that the issuer has signed; None takes one away.
NOT_OF_NOW: dict[str, dict[str, Any]] = {
    "no exp": {"exp": None},
    "no iat": {"iat": None},
    "exp past": {"exp": -SKEW_S},
    "nbf to come": {"nbf": SKEW_S},
    "iat to come": {"iat": SKEW_S},
    "exp of a year": {"exp": 365 * ONE_DAY_S},
}
OF_OTHERS: dict[str, dict[str, Any]] = {
    "another iss": {"iss": "https://issuer.invalid"},
    "no iss": {"iss": None},
    "no sub": {"sub": None},
    "sub that is a list": {"sub": ["user"]},
    "act that names nobody": {"act": {}},
}
UNFINISHED: dict[str, dict[str, Any]] = {
    "sts=pending": {"sts": "pending"},
    "no organization": {"o": None, "org_id": None},
    "an organization that is not theirs": {"o": {"id": "org_of_nobody"}},
}
# What a token tells of a second factor that was not shown, not just now, or not as one.
UNCONFIRMED: dict[str, dict[str, Any]] = {
    "fva of never": {"fva": [0, -1]},
    "fva of an hour ago": {"fva": [0, 60]},
    "fva of words": {"fva": ["0", "0"]},
    "auth_time of yesterday": {"fva": None, "auth_time": -ONE_DAY_S, "amr": ["mfa"]},
    "amr of a password alone": {"fva": None, "auth_time": 0, "amr": ["pwd"]},
}
# Whoever is called so by a token has not shown that the address is theirs.
UNVERIFIED: dict[str, Any] = {"nothing": None, "no": False, "a word": "true", "a number": 1}


def by_hand(header: Mapping[str, Any], claims: Mapping[str, Any], key: bytes) -> str:
    """Build a token as no library would: HS256 over whatever the header says."""
    parts = [_encoded(json.dumps(part).encode()) for part in (header, claims)]
    signature = hmac.new(key, b".".join(parts), hashlib.sha256).digest()
    return b".".join([*parts, _encoded(signature)]).decode()


def _encoded(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")


async def shown(stand: Stand, tokens: Mapping[str, str], *statuses: int) -> Finding:
    """Ask who one is with each of the tokens, where a good one is told: else none says anything."""
    had(await stand.ours.client(RoleName.ADMIN).get(ME))
    return Finding.of(
        [
            judged(await stand.bearing(token, who).get(ME), *statuses)
            for who, token in tokens.items()
        ]
    )


@attack(
    12,
    expected="401; no key that a token brings along is fetched or believed",
    rules=AUTHENTICATION,
)
async def forged_signatures(stand: Stand) -> Finding:
    """Tokens without a signature, or signed by somebody else."""
    good = stand.ours.tokens[RoleName.ADMIN]
    claims, header = claims_of(good), jwt.get_unverified_header(good)
    own = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    head, body, signature = good.split(".")
    raised = _encoded(json.dumps(claims | {"sub": "user_admin"}).encode()).decode()

    def signed(**more: Any) -> str:
        return jwt.encode(claims, own, "RS256", headers={**header, **more})

    forged = {
        "alg=none": jwt.encode(claims, "", "none", headers={**header, "alg": "none"}),
        "no signature": f"{head}.{body}.",
        "another's claims below a good signature": f"{head}.{raised}.{signature}",
        "HS256 with an empty key": by_hand({**header, "alg": "HS256"}, claims, b""),
        "a key of one's own": signed(),
        "an unknown kid": signed(kid="unknown"),
        "a jwk in the header": signed(kid="mine", jwk=public_jwk(own)),
        "a jku in the header": signed(kid="mine", jku=ELSEWHERE),
        "an x5u in the header": signed(kid="mine", x5u=ELSEWHERE),
        "a kid that is a path": signed(kid="../../../dev/null"),
        "no token at all": "e30.e30.e30",
    }
    return await shown(stand, forged, 401)


@attack(
    12,
    expected="401",
    rules=AUTHENTICATION,
)
async def the_public_key_as_a_secret(stand: Stand) -> Finding:
    """HS256 with the issuer's public key as the secret."""
    public = issuer_of(stand).keys["RS256"].public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    good = stand.ours.tokens[RoleName.ADMIN]
    header = jwt.get_unverified_header(good) | {"alg": "HS256"}
    return await shown(stand, {"HS256 by the PEM": by_hand(header, claims_of(good), pem)}, 401)


@attack(
    13,
    expected="401",
    rules=CLAIMS,
)
async def claims_not_of_now(stand: Stand) -> Finding:
    """Claims that are missing, or not of now."""
    now = int(time.time())
    of_now = {
        title: {name: None if value is None else now + value for name, value in changed.items()}
        for title, changed in NOT_OF_NOW.items()
    }
    return await _changed(stand, of_now, 401)


@attack(
    14,
    expected="401",
    rules=CLAIMS,
)
async def claims_of_others(stand: Stand) -> Finding:
    """A token of another issuer, or that does not say whose it is."""
    return await _changed(stand, OF_OTHERS, 401)


@attack(
    14,
    "a token that was made for another application or audience",
    expected="401 where the deployment names its applications (azp) or audience (aud)",
    rules=CLAIMS,
)
async def another_application(stand: Stand) -> Finding:
    """Where no application is named, every application of the issuer is one's own."""
    issuer_of(stand)
    if not load(TokenSettings).authorized_parties:
        raise NotTried("The deployment names no application (MEDILENS_AUTHORIZED_PARTIES).")
    other = "https://other.invalid"
    applications: dict[str, dict[str, Any]] = {
        "another azp": {"azp": other},
        "another client_id": {"azp": None, "client_id": other},
    }
    return await _changed(stand, applications, 401)


@attack(
    15,
    expected="403",
    rules=CLAIMS,
)
async def unfinished_sign_ins(stand: Stand) -> Finding:
    """A sign-in that is unfinished, personal, or of an organization that is not theirs."""
    return await _changed(stand, UNFINISHED, 403)


@attack(
    15,
    expected="403: the database knows who may do what, in both shapes of claims",
    rules=("164.312(a)(1)", "ASVS 8.2.1", "API5:2023"),
)
async def claimed_roles(stand: Stand) -> Finding:
    """A role and permissions that the token itself claims."""
    issuer = issuer_of(stand)
    claims = claims_of(stand.ours.tokens[RoleName.PATIENT])
    identity = stand.ours.identity
    shapes: dict[str, dict[str, Any]] = {
        "admin, version 2": {"o": {"id": identity, "rol": "admin", "per": "manage", "fpm": "1"}},
        "admin, version 1": {"o": None, "v": None, "org_id": identity, "org_role": "org:admin"},
    }
    findings = []
    for who, changed in shapes.items():
        token = issuer.sign(_without_none(claims | changed))
        findings.append(judged(await stand.bearing(token, who).get("/api/accounts/members"), 403))
    return Finding.of(findings)


@attack(
    16,
    expected="401, and never 200 or a failure",
    rules=("164.312(d)", "ASVS 2.4.1", "API4:2023"),
)
async def unknown_keys(stand: Stand) -> Finding:
    """Many tokens, each with a key that nobody knows."""
    claims = claims_of(stand.ours.tokens[RoleName.ADMIN])
    forged = {
        f"kid {number}": by_hand({"alg": "RS256", "kid": f"k{number}"}, claims, b"x")
        for number in range(50)
    }
    return await shown(stand, forged, 401)


@attack(
    51,
    expected="403: whoever asks is no member, and the invitation stays open",
    rules=("164.312(d)", "ASVS 8.2.1", "API2:2023"),
)
async def an_address_that_nobody_verified(stand: Stand) -> Finding:
    """An invitation, taken up by a stranger's token with its address, which nobody has verified."""
    issuer, identity = issuer_of(stand), stand.ours.identity
    if not (await stand.ours.records()).get("invitation_id"):
        raise NotTried("Nobody can be invited here.")
    findings = []
    for who, verified in UNVERIFIED.items():
        told = {"email": INVITED, "email_verified": verified}
        claims = claims_of(issuer.issue(f"user_{secrets.token_hex(8)}", identity))
        client = stand.bearing(issuer.sign(_without_none(claims | told)), f"verified: {who}")
        findings.append(judged(await client.post("/api/accounts/join"), 403))
    return Finding.of(findings)


@attack(
    52,
    expected="403 step-up-required",
    rules=("164.312(a)(2)(ii)", "ASVS 8.2.2", "API2:2023"),
)
async def a_second_factor_that_was_not_shown(stand: Stand) -> Finding:
    """An emergency, opened with what a token says of a second factor that is old or none."""
    issuer = issuer_of(stand)
    claims = claims_of(stand.ours.tokens[RoleName.CLINICIAN])
    opened = {
        "person_id": str(await stand.ours.person(RoleName.PATIENT)),
        "reason": "a person without consciousness",
    }
    findings = []
    for who, changed in UNCONFIRMED.items():
        token = issuer.sign(_without_none(claims | _since_now(changed)))
        answer = await stand.bearing(token, who).post("/api/accounts/break-glass", json=opened)
        findings.append(judged(answer, 403, code="step-up-required"))
    return Finding.of(findings)


def _since_now(changed: Mapping[str, Any]) -> dict[str, Any]:
    """Make a moment of seconds since now."""
    moments = (
        {"auth_time": int(time.time()) + changed["auth_time"]} if "auth_time" in changed else {}
    )
    return {**changed, **moments}


def issuer_of(stand: Stand) -> Issuer:
    """The issuer whose keys are at hand.

    Raises
    ------
    NotTried
        It is somebody else's.
    """
    if stand.issuer is None:
        raise NotTried("It takes the issuer's own key to sign such a token.")
    return stand.issuer


async def _changed(stand: Stand, trials: Mapping[str, dict[str, Any]], *statuses: int) -> Finding:
    """Ask with claims that the issuer has signed, some of them changed."""
    issuer = issuer_of(stand)
    claims = claims_of(stand.ours.tokens[RoleName.ADMIN])
    tokens = {who: issuer.sign(_without_none(claims | changed)) for who, changed in trials.items()}
    return await shown(stand, tokens, *statuses)


def _without_none(claims: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if value is not None}
