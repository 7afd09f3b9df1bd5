from datetime import datetime
from ipaddress import ip_network
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from shared import examples
from shared.moment import Moment
from shared.permissions import Permission
from shared.schemas import Answer
from shared.text import Line

KEY: dict[str, Any] = {
    "id": "0199b0f4-5c13-7000-8000-000000000008",
    "name": "ECG cart of ward 3",
    "scopes": ["create_assessment"],
    "networks": ["192.0.2.0/24"],
    "created_by": examples.CLINICIAN,
    "created_at": "2026-11-27T09:31:12Z",
    "expires_at": "2027-11-27T00:00:00Z",
    "last_used_at": None,
    "revoked_at": None,
}


def _network(written: str) -> str:
    return str(ip_network(written))


Network = Annotated[str, Field(max_length=43), AfterValidator(_network)]


class KeyCreate(BaseModel):
    """A key for a program, with a part of what its maker may do."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"name": "ECG cart of ward 3", "scopes": ["create_assessment"]}
        },
    )

    name: Line = Field(min_length=1, max_length=100)
    scopes: list[Permission] = Field(min_length=1, max_length=len(Permission))
    networks: list[Network] = Field(
        default=[], max_length=16, description="Networks that it may be used from; else from any"
    )
    expires_at: Moment | None = None


class KeyRead(Answer):
    """A key, of which no more than a hash is known; `last_used_at` is right to the hour."""

    model_config = ConfigDict(json_schema_extra={"example": KEY})

    id: UUID
    name: str
    scopes: list[str]
    networks: list[str]
    created_by: UUID
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class KeyCreated(KeyRead):
    """A new key; `key` is shown this once."""

    model_config = ConfigDict(
        json_schema_extra={"example": KEY | {"key": "mlk_c2hvd24gb25jZSBhbmQgbmV2ZXIgYWdhaW4gLi4"}}
    )

    key: str


class KeyList(Answer):
    """The newest first, at most a hundred, revoked keys too."""

    model_config = ConfigDict(json_schema_extra={"example": {"items": [KEY]}})

    items: list[KeyRead]
