"""Signs people in on a laptop: tokens shaped like Clerk's, from keys that never leave it.

The functions verify them like any other, by the issuer's address and its published keys. It
refuses to exist anywhere but in development.
"""

import hashlib
import json
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Self, cast

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from shared.settings import Environment, ServiceSettings

type Algorithm = Literal["RS256", "ES256"]
type PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

RSA_BITS = 2048
ONE_HOUR = timedelta(hours=1)
# Clerk dates its tokens back, for verifiers whose clocks are behind.
NOT_BEFORE_LEEWAY_S = 10
NEVER = -1

DISCOVERY_PATH = "/.well-known/openid-configuration"
JWKS_PATH = "/.well-known/jwks.json"
AUTHORIZATION_PATH = "/authorize"
TOKEN_PATH = "/token"  # noqa: S105  # an address
END_SESSION_PATH = "/sign-out"

# What RFC 7638 hashes to name a key.
THUMBPRINT_MEMBERS = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}


@dataclass(frozen=True)
class Issuer:
    """The keys of one data folder, and the address under which tokens name their issuer."""

    url: str
    keys: dict[Algorithm, PrivateKey] = field(repr=False)

    @classmethod
    def open(cls, folder: Path, url: str) -> Self:
        """Read the keys in `folder`, or make them the first time.

        Raises
        ------
        NotDevelopment
        """
        if ServiceSettings.read().environment is not Environment.DEVELOPMENT:
            raise NotDevelopment(
                "The local token issuer lets anybody in, so it runs only where "
                "MEDILENS_ENVIRONMENT=development is set."
            )
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        keys: dict[Algorithm, PrivateKey] = {
            "RS256": _key(folder / "token-rs256.pem", "RS256"),
            "ES256": _key(folder / "token-es256.pem", "ES256"),
        }
        return cls(url.rstrip("/"), keys)

    def issue(
        self,
        subject: str,
        organization: str | None = None,
        *,
        slug: str = "local",
        role: str = "member",
        permissions: Iterable[str] = (),
        ttl: timedelta = ONE_HOUR,
        version: Literal[1, 2] = 2,
        algorithm: Algorithm = "RS256",
        is_confirmed: bool = False,
    ) -> str:
        """Return a session token.

        Parameters
        ----------
        subject : str
            What the identity provider calls the person, such as `user_ada`.
        organization : str, optional
            The one they work in now; without it the session is a personal one.
        permissions : iterable of str
            `feature:permission` each, such as `assessments:view`.
        version : {1, 2}
            The shape of Clerk's claims; 1 is deprecated, and still met.
        is_confirmed : bool
            Whether a second factor was shown just now.
        """
        claims = self._session(subject, ttl)
        if is_confirmed:
            claims["fva"] = [0, 0]
        if version != 1:
            claims |= {"v": 2, "sts": "active"}
        if organization:
            shape = _organization_v1 if version == 1 else _organization_v2
            claims |= shape(organization, slug, role, list(permissions))
        return self.sign(claims, algorithm)

    def sign(self, claims: dict[str, Any], algorithm: Algorithm = "RS256") -> str:
        """Sign any claims at all, wrong ones too: verifiers are tested with them."""
        key = self.keys[algorithm]
        return jwt.encode(claims, key, algorithm, headers={"kid": public_jwk(key)["kid"]})

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """Return the public keys as JSON Web Key Set (RFC 7517)."""
        return {
            "keys": [
                public_jwk(key) | {"use": "sig", "alg": name} for name, key in self.keys.items()
            ]
        }

    def _session(self, subject: str, ttl: timedelta) -> dict[str, Any]:
        now = int(time.time())
        return {
            "iss": self.url,
            "azp": self.url,
            "sub": subject,
            "sid": f"sess_{secrets.token_hex(12)}",
            "jti": secrets.token_hex(10),
            "iat": now,
            "nbf": now - NOT_BEFORE_LEEWAY_S,
            "exp": now + int(ttl.total_seconds()),
            "fva": [0, NEVER],  # minutes since the first and the second factor
        }


def issuer_routes(issuer: Issuer) -> list[Route]:
    """Publish what verifiers and browsers ask for: where the keys and the sign-in are, the keys."""

    async def discovery(_: Request) -> JSONResponse:
        return JSONResponse(
            {
                "issuer": issuer.url,
                "jwks_uri": issuer.url + JWKS_PATH,
                "id_token_signing_alg_values_supported": list(issuer.keys),
                "subject_types_supported": ["public"],
                "authorization_endpoint": issuer.url + AUTHORIZATION_PATH,
                "token_endpoint": issuer.url + TOKEN_PATH,
                "end_session_endpoint": issuer.url + END_SESSION_PATH,
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "token_endpoint_auth_methods_supported": ["none"],
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def keys(_: Request) -> JSONResponse:
        return JSONResponse(issuer.jwks())

    return [Route(DISCOVERY_PATH, discovery), Route(JWKS_PATH, keys)]


def public_jwk(key: PrivateKey) -> dict[str, str]:
    """Return the public half of a key, named by its thumbprint (RFC 7638)."""
    public = key.public_key()
    jwk = (
        RSAAlgorithm.to_jwk(public, as_dict=True)
        if isinstance(public, rsa.RSAPublicKey)
        else ECAlgorithm.to_jwk(public, as_dict=True)
    )
    members = {name: str(jwk[name]) for name in THUMBPRINT_MEMBERS[str(jwk["kty"])]}
    digest = hashlib.sha256(json.dumps(members, separators=(",", ":")).encode()).digest()
    return members | {"kid": urlsafe_b64encode(digest).rstrip(b"=").decode()}


def _key(path: Path, algorithm: Algorithm) -> PrivateKey:
    if not path.exists():
        key: PrivateKey = (
            rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
            if algorithm == "RS256"
            else ec.generate_private_key(ec.SECP256R1())
        )
        unfinished = path.with_suffix(".unfinished")
        unfinished.touch(mode=0o600)
        unfinished.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        unfinished.rename(path)
    return cast("PrivateKey", load_pem_private_key(path.read_bytes(), password=None))


def _organization_v2(
    organization: str, slug: str, role: str, permissions: list[str]
) -> dict[str, Any]:
    """Permissions are bits: bit j of the i-th number of `fpm` grants `per[j]` of feature i."""
    claims: dict[str, Any] = {"o": {"id": organization, "slg": slug, "rol": role}}
    if permissions:
        pairs = [tuple(permission.split(":")) for permission in permissions]
        features = list(dict.fromkeys(feature for feature, _ in pairs))
        names = list(dict.fromkeys(name for _, name in pairs))
        masks = [
            sum(1 << bit for bit, name in enumerate(names) if (feature, name) in pairs)
            for feature in features
        ]
        claims["fea"] = ",".join(f"o:{feature}" for feature in features)
        claims["o"] |= {"per": ",".join(names), "fpm": ",".join(map(str, masks))}
    return claims


def _organization_v1(
    organization: str, slug: str, role: str, permissions: list[str]
) -> dict[str, Any]:
    return {
        "org_id": organization,
        "org_slug": slug,
        "org_role": f"org:{role}",
        "org_permissions": [f"org:{permission}" for permission in permissions],
    }


class NotDevelopment(RuntimeError):
    """Something for development alone was asked for elsewhere."""
