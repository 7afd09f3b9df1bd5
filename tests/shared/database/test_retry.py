"""A refused password is told from a full pool: only one of them means that the secret changed."""

import asyncpg
import pytest

from shared.database.retry import is_refused_password


@pytest.mark.parametrize(
    ("failure", "is_password"),
    [
        (asyncpg.InvalidPasswordError("password authentication failed"), True),
        (asyncpg.ProtocolViolationError("SASL authentication failed"), True),
        (asyncpg.ProtocolViolationError("no more connections allowed (max_client_conn)"), False),
        (asyncpg.InvalidAuthorizationSpecificationError("no pg_hba.conf entry"), False),
        (ConnectionRefusedError(), False),
    ],
)
def test_only_a_refused_password_asks_for_another(failure: Exception, is_password: bool) -> None:
    assert is_refused_password(failure) is is_password
