"""Opened keys of organizations, in memory for a while and no longer than connections are."""

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from uuid import UUID

from shared.database.encryption.texts import OrganizationKeys

# KMS is asked again this often, so that a key that was disabled there ends reading here.
KEPT_S = 300
MOST_KEPT = 256


@dataclass(frozen=True)
class Opened:
    """An organization's keys, and what they were opened from."""

    blobs: frozenset[bytes]
    keys: OrganizationKeys


@dataclass(frozen=True)
class Memory:
    """The organizations that were asked for last."""

    _known: OrderedDict[UUID, tuple[float, Opened]] = field(default_factory=OrderedDict, repr=False)

    def get(self, organization: UUID) -> Opened | None:
        """Return what is known of an organization and not yet too old."""
        opened_at, opened = self._known.get(organization, (float("-inf"), None))
        return opened if time.monotonic() - opened_at < KEPT_S else None

    def put(self, organization: UUID, opened: Opened) -> None:
        """Take note of an organization's keys; the one asked for longest ago makes room."""
        self._known[organization] = (time.monotonic(), opened)
        self._known.move_to_end(organization)
        while len(self._known) > MOST_KEPT:
            self._known.popitem(last=False)

    def forget(self) -> None:
        self._known.clear()


ORGANIZATIONS = Memory()
