"""What the identity provider announces, in our words; Clerk's shapes, of which we read little."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from shared.moment import parse_moment
from shared.permissions import RoleName
from shared.text import Line, printable

type Kind = Literal["user", "organization", "membership"]

KINDS: dict[str, Kind] = {
    "user": "user",
    "organization": "organization",
    "organizationMembership": "membership",
}
# What the provider calls an organization's own administrator.
ADMIN_ROLES = {"org:admin", "admin"}
MAX_MS = 2**53
EARLIEST = datetime.fromtimestamp(0, UTC)


def _cut(most: int) -> BeforeValidator:
    """Make a text one that can be stored: no name is a reason to miss that its bearer left."""
    return BeforeValidator(lambda told: printable(told)[:most] if isinstance(told, str) else told)


Identifier = Annotated[Line, Field(min_length=1, max_length=255)]
PersonName = Annotated[str, _cut(100)]
OrganizationName = Annotated[str, _cut(255)]


def _moment(told: object) -> object:
    """Read Clerk's milliseconds since 1970; Standard Webhooks tell the time in words."""
    if isinstance(told, int) and 0 <= told < MAX_MS:
        return datetime.fromtimestamp(told / 1000, UTC)
    return None if told is None else parse_moment(told)


Time = Annotated[datetime | None, BeforeValidator(_moment)]


class EmailAddress(BaseModel):
    id: str = ""
    email_address: Line = Field(default="", max_length=254)
    verification: dict[str, Any] | None = None


class Named(BaseModel):
    """An organization as a membership names it."""

    id: Identifier
    name: OrganizationName | None = None


class PublicUser(BaseModel):
    """A user as a membership names them."""

    user_id: Identifier
    first_name: PersonName | None = None
    last_name: PersonName | None = None


class Data(BaseModel):
    """The user, the organization or the membership itself."""

    id: Identifier
    name: OrganizationName | None = None
    first_name: PersonName | None = None
    last_name: PersonName | None = None
    email_addresses: list[EmailAddress] = []
    primary_email_address_id: str | None = None
    organization: Named | None = None
    public_user_data: PublicUser | None = None
    role: str | None = None
    updated_at: Time = None

    @property
    def verified_email(self) -> str | None:
        """The primary address, if the provider has seen that it is the user's."""
        for address in self.email_addresses:
            is_verified = (address.verification or {}).get("status") == "verified"
            if is_verified and address.id == self.primary_email_address_id:
                return address.email_address
        return None


class Event(BaseModel):
    """One announcement."""

    type: str = Field(max_length=100)
    data: Data
    timestamp: Time = None

    @property
    def kind(self) -> Kind | None:
        """What it is about; other things than people are nothing to us."""
        return KINDS.get(self.type.partition(".")[0])

    @property
    def is_deleted(self) -> bool:
        return self.type.endswith(".deleted")

    def changed_at(self, sent_at: datetime) -> datetime:
        """When it happened by the provider's clock.

        An end that tells no time counts from when it was sent, a beginning as older than any: it
        may be an old one, sent again.
        """
        untold = sent_at if self.is_deleted else EARLIEST
        return self.timestamp or self.data.updated_at or untold

    def told(self, sent_at: datetime) -> dict[str, Any]:
        """Return what the database has to know of it."""
        data = self.data
        told = {
            "kind": self.kind,
            "changed_at": self.changed_at(sent_at),
            "is_deleted": self.is_deleted,
        }
        match self.kind:
            case "user":
                who = {"key": data.id, "subject": data.id, "email": data.verified_email}
                return told | who | {"first_name": data.first_name, "last_name": data.last_name}
            case "organization":
                return told | {"key": data.id, "organization": data.id, "name": data.name}
            case _:
                return told | self._membership()

    def _membership(self) -> dict[str, Any]:
        home, user = self.data.organization, self.data.public_user_data
        if home is None or user is None:
            raise ValueError("a membership names its organization and its user")
        return {
            "key": f"{home.id}|{user.user_id}",
            "organization": home.id,
            "name": home.name,
            "subject": user.user_id,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "role": RoleName.ADMIN if self.data.role in ADMIN_ROLES else None,
            "is_new": self.type.endswith(".created"),
        }
