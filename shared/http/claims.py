"""Names that a token's claims hold: its organization's above all."""

from collections.abc import Mapping

from pydantic import JsonValue

from shared.text import is_line

# What OpenID Connect allows for `sub`, and more than any provider's names have.
MAX_NAME_CHARACTERS = 255


def party_of(claims: Mapping[str, JsonValue]) -> str | None:
    """The application that asked for the token; Cognito's access tokens call it `client_id`."""
    return name_of(claims.get("azp", claims.get("client_id")))


def organization_of(claims: Mapping[str, JsonValue], claim: str | None) -> str | None:
    """Clerk's version 2 nests it; version 1 and Auth0 do not; others are told where to look."""
    if claim:
        return _named_organization(_claim(claims, claim))
    nested = claims.get("o")
    return name_of(nested.get("id") if isinstance(nested, Mapping) else claims.get("org_id"))


def _claim(claims: Mapping[str, JsonValue], name: str) -> object:
    """Return a claim by its name, which may be an address with dots, or by the way to it."""
    if name in claims:
        return claims[name]
    first, dot, rest = name.partition(".")
    nested = claims.get(first)
    return _claim(nested, rest) if dot and isinstance(nested, Mapping) else None


def _named_organization(value: object) -> str | None:
    """Read a name, or Keycloak's organizations, of which the token has to name a single one."""
    if isinstance(value, list | Mapping) and len(value) == 1:
        (alias,) = value
        told = value[alias] if isinstance(value, Mapping) else None
        identity = told.get("id") if isinstance(told, Mapping) else None
        return name_of(identity or alias)
    return name_of(value)


def name_of(value: object) -> str | None:
    """A name that can be looked up and written down, or None."""
    if not isinstance(value, str) or not 0 < len(value) <= MAX_NAME_CHARACTERS:
        return None
    return value if is_line(value) else None
