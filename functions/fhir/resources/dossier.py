"""Everything that the resources of one assessment are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from functions.fhir.codes import ASSERTED, UNRELIABLE
from functions.fhir.people.queries import Issuer, Person
from functions.fhir.recordings.queries import Recording
from functions.fhir.resources.elements import Element, coding, instant
from shared.record import Json, StoredExamination
from shared.vocabulary import AssessmentStatus

STATUSES = {
    AssessmentStatus.PENDING: "registered",
    AssessmentStatus.PROCESSING: "registered",
    AssessmentStatus.FAILED: "cancelled",
}


@dataclass(frozen=True)
class Dossier:
    """A stored examination with the people around it; `base` is the address of FHIR here."""

    examination: StoredExamination
    changed_at: datetime
    person: Person
    issuer: Issuer
    base: str
    signers: Mapping[UUID, str] = field(default_factory=dict)
    recordings: Sequence[Recording] = ()

    @property
    def is_signed(self) -> bool:
        return bool(self.examination.sign_offs)

    @property
    def is_retracted(self) -> bool:
        return self.examination.deleted_at is not None

    @property
    def status(self) -> str:
        """Follow the reviews: preliminary, final, amended; what was deleted was an error."""
        if self.is_retracted:
            return "entered-in-error"
        if self.examination.status in STATUSES:
            return STATUSES[self.examination.status]
        return ("preliminary", "final", "amended")[min(len(self.examination.sign_offs), 2)]

    @property
    def meta(self) -> Element:
        """When it changed, and which labels warn of it.

        Until a professional has signed it, software said so; what is not as the audit trail has it
        is unreliable.
        """
        labels = [] if self.is_signed else [coding(code) for code in ASSERTED]
        labels += [coding(UNRELIABLE)] if self.examination.altered else []
        told: dict[str, Json] = {
            "versionId": str(self.examination.revision),
            "lastUpdated": instant(self.changed_at),
        }
        return told | ({"security": labels} if labels else {})

    @property
    def order(self) -> Element | None:
        """The order that the examination answers, as whoever ordered it calls it."""
        number = self.examination.provenance.get("order_reference")
        return {"type": "ServiceRequest", "identifier": {"value": number}} if number else None

    @property
    def device_id(self) -> str:
        return f"{self.examination.pipeline}-{self.examination.pipeline_version}"
