"""AuditEvent: who did what to whose record, when and with what outcome."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from functions.fhir.codes import Code
from functions.fhir.ids import entry_id
from functions.fhir.people.queries import Issuer
from functions.fhir.resources.elements import (
    URI,
    Element,
    Resource,
    coding,
    filled,
    identified,
    instant,
    reference,
)
from shared.database.repositories.trail import Event

REST = Code("http://terminology.hl7.org/CodeSystem/audit-event-type", "rest", "RESTful Operation")
INTERACTIONS = "http://hl7.org/fhir/restful-interaction"
ENTITIES = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
ROLES = "http://terminology.hl7.org/CodeSystem/object-role"
PERSON, SYSTEM_OBJECT = Code(ENTITIES, "1", "Person"), Code(ENTITIES, "2", "System Object")
PATIENT, DOMAIN = Code(ROLES, "1", "Patient"), Code(ROLES, "4", "Domain Resource")
# Our actions in the words of FHIR: the letter, and the interaction.
ACTIONS: Mapping[str, tuple[str, Code]] = MappingProxyType(
    {
        "create": ("C", Code(INTERACTIONS, "create", "create")),
        "read": ("R", Code(INTERACTIONS, "read", "read")),
        "update": ("U", Code(INTERACTIONS, "update", "update")),
        "delete": ("D", Code(INTERACTIONS, "delete", "delete")),
        "restore": ("U", Code(INTERACTIONS, "update", "update")),
        "execute": ("E", Code(INTERACTIONS, "operation", "operation")),
    }
)
SUCCESS, MINOR_FAILURE = "0", "4"
IP_ADDRESS = "2"  # of the kinds of network addresses


def audit_event(event: Event, issuer: Issuer) -> Resource:
    """Return an entry of the trail; what the entry names beside it, nobody may read here."""
    letter, interaction = ACTIONS[event.action]
    return {
        "resourceType": "AuditEvent",
        "id": entry_id(event.created_at, event.id),
        "type": coding(REST),
        "subtype": [coding(interaction)],
        "action": letter,
        "recorded": instant(event.created_at),
        "outcome": SUCCESS if event.outcome == "success" else MINOR_FAILURE,
        **filled(outcomeDesc="refused" if event.outcome == "denied" else None),
        "agent": [_agent(event)],
        "source": {"observer": identified("Organization", issuer.id, issuer.name)},
        "entity": list(_entities(event)),
    }


def _agent(event: Event) -> Element:
    who = identified("Practitioner", event.user_id) if event.user_id else None
    if event.user_id and event.user_id == event.subject_id:
        who = reference("Patient", event.user_id)
    network = {"address": event.actor_ip, "type": IP_ADDRESS} if event.actor_ip else None
    return {
        **filled(
            role=[{"text": event.actor_role or event.actor_type}],
            who=who,
            network=network,
        ),
        "requestor": event.actor_type == "user",
    }


def _entities(event: Event) -> Iterator[Element]:
    if event.subject_id:
        yield {
            "what": reference("Patient", event.subject_id),
            "type": coding(PERSON),
            "role": coding(PATIENT),
        }
    record = {"system": URI, "value": f"urn:uuid:{event.resource_id}"}
    yield {
        **filled(what={"identifier": record} if event.resource_id else None),
        "type": coding(SYSTEM_OBJECT),
        "role": coding(DOMAIN),
        "description": event.resource_type,
    }
