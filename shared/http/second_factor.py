"""How long ago a second factor was shown, by the claims of several identity providers."""

import time
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

# What `amr` calls a second factor (RFC 8176).
SECOND_FACTORS = ("mfa", "otp", "hwk", "swk", "sms", "tel", "fpt", "face", "iris", "sc")


def second_factor_age_s(claims: Mapping[str, JsonValue]) -> float | None:
    """Clerk's `fva` counts minutes since each factor, -1 for never; others tell `auth_time`.

    It counts until the token was made, which may be old itself.
    """
    match claims.get("fva"), claims.get("iat"):
        case [_, int() as minutes], int() | float() as made_at if minutes >= 0:
            return 60 * minutes + max(0.0, time.time() - made_at)
    shown, methods = claims.get("auth_time"), claims.get("amr")
    is_shown = isinstance(methods, list) and _has_second_factor(methods)
    return max(0.0, time.time() - shown) if is_shown and isinstance(shown, int | float) else None


def _has_second_factor(methods: Sequence[object]) -> bool:
    """Whether `amr` tells of two factors: a code by SMS may have been the only one."""
    is_one = any(method in SECOND_FACTORS for method in methods)
    return "mfa" in methods or (is_one and any(method != methods[0] for method in methods))
