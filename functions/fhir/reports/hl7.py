"""HL7 v2.5.1 ORU^R01: an assessment as hospital interfaces take it, the printed report inside.

A message is text; it is delivered as a file, for a function cannot hold an interface's connection.
"""

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime

from functions.fhir.codes import LOINC, Code
from functions.fhir.resources.dossier import Dossier
from functions.fhir.resources.observation import codes_of
from functions.fhir.resources.report import report_code
from shared.biomarkers import BiomarkerStatus
from shared.record import Value
from shared.words import label

SEGMENT_END = "\r"
ESCAPES = str.maketrans(
    {
        "\\": "\\E\\",
        "|": "\\F\\",
        "^": "\\S\\",
        "~": "\\R\\",
        "&": "\\T\\",
        "\n": "\\.br\\",
        "\r": "",
    }
)
# Of HL7 tables 0123 and 0085: preliminary, final, corrected, withdrawn.
REPORT_STATUS = {"preliminary": "P", "final": "F", "amended": "C", "entered-in-error": "X"}
VALUE_STATUS = {"preliminary": "P", "final": "F", "amended": "C", "entered-in-error": "W"}
SEXES = {"female": "F", "male": "M", "intersex": "A", "other": "O"}
FLAGS = {BiomarkerStatus.NORMAL: "N", BiomarkerStatus.LOW: "L", BiomarkerStatus.HIGH: "H"}
CRITICAL = {"low": "LL", "high": "HH"}
OURS = "99MDL"  # our own coding system, as HL7 marks local ones


def message(dossier: Dossier, pdf: bytes | None) -> str:
    """Return the message of an assessment; a deleted one is withdrawn, without its values."""
    segments = [_header(dossier), _person(dossier), _request(dossier)]
    segments += _numbered(_values(dossier, pdf))
    return SEGMENT_END.join(segments) + SEGMENT_END


def _segment(name: str, *fields: str) -> str:
    return "|".join([name, *fields]).rstrip("|")


def _header(dossier: Dossier) -> str:
    examination = dossier.examination
    control = f"{examination.id.hex[-12:]}.{examination.revision}"
    return _segment(
        *("MSH", "^~\\&", "MediLens", escaped(dossier.issuer.name), "", ""),
        *(_moment(dossier.changed_at), "", "ORU^R01^ORU_R01", control, "P", "2.5.1"),
        *("", "", "", "", "", "UNICODE UTF-8"),
    )


def _person(dossier: Dossier) -> str:
    person = dossier.person
    own = f"{person.id}^^^MediLens^PI"
    identifiers = [
        f"{escaped(entry.value)}^^^{escaped(entry.system)}^MR" for entry in person.identifiers
    ]
    born = f"{person.date_of_birth:%Y%m%d}" if person.date_of_birth else ""
    name = f"{escaped(person.last_name or '')}^{escaped(person.first_name or '')}".rstrip("^")
    sex = SEXES.get(person.sex_at_birth or "", "U")
    return _segment("PID", "1", "", "~".join([*identifiers, own]), "", name, "", born, sex)


def _request(dossier: Dossier) -> str:
    examination = dossier.examination
    order = (dossier.order or {}).get("identifier", {}).get("value", "")
    signers = [
        f"{sign_off.signed_by}^{escaped(dossier.signers.get(sign_off.signed_by, ''))}"
        for sign_off in examination.sign_offs
    ]
    fields = {
        1: "1",
        2: escaped(order),
        3: f"{examination.id}^MediLens",
        4: _coded(report_code(dossier)),
        7: _moment(examination.recorded_at),
        22: _moment(dossier.changed_at),
        25: REPORT_STATUS.get(dossier.status, "X"),
        32: signers[-1] if signers else "",
    }
    return _segment("OBR", *(fields.get(place, "") for place in range(1, max(fields) + 1)))


def _values(dossier: Dossier, pdf: bytes | None) -> Iterator[tuple[str, ...]]:
    """Yield the fields of each OBX after its number."""
    status = VALUE_STATUS.get(dossier.status, "X")
    if dossier.is_retracted:
        code = _coded(report_code(dossier))
        yield ("TX", code, "", "Withdrawn", "", "", "", "", "", status)
        return
    for value in dossier.examination.biomarkers:
        yield _value(value, status)
    if pdf:
        content = f"MediLens^AP^PDF^Base64^{b64encode(pdf).decode()}"
        yield ("ED", f"PDF^Printed report^{OURS}", "", content, "", "", "", "", "", status)


def _value(value: Value, status: str) -> tuple[str, ...]:
    return (
        "NM",
        _codes(value.name),
        "",
        repr(value.value),
        f"{escaped(value.unit)}^^UCUM",
        _range(value.normal_range_min, value.normal_range_max),
        _flag(value),
        *("", "", status),
    )


def _numbered(values: Iterator[tuple[str, ...]]) -> Iterator[str]:
    for number, fields in enumerate(values, start=1):
        yield _segment("OBX", str(number), *fields)


def _codes(name: str) -> str:
    """Name a value by LOINC first, where LOINC has it, and by our own code beside it."""
    own = f"{name}^{escaped(label(name))}^{OURS}"
    loinc = next((code for code in codes_of(name) if code.system == LOINC), None)
    return f"{_coded(loinc)}^{own}" if loinc else own


def _coded(code: Code) -> str:
    return f"{code.code}^{escaped(code.display)}^LN"


def _range(low: float | None, high: float | None) -> str:
    match low, high:
        case None, None:
            return ""
        case None, high:
            return f"<={high:g}"
        case low, None:
            return f">={low:g}"
        case low, high:
            return f"{low:g}-{high:g}"


def _flag(value: Value) -> str:
    if direction := value.critical_direction:
        return CRITICAL[direction]
    return FLAGS.get(value.status, "")


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%d%H%M%S}+0000"


def escaped(words: str) -> str:
    """Return words as a field holds them: no delimiter of theirs is one of the message's."""
    return words.translate(ESCAPES)
