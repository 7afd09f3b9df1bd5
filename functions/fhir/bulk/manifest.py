"""How a finished export is told of: the manifest of Bulk Data Access 2.0.0."""

from functions.fhir.bulk.files import Listed
from functions.fhir.bulk.queries import Export
from functions.fhir.resources.elements import Element, instant


def manifest(export: Export, base: str) -> Element:
    """Return the manifest; its files are fetched with the same token."""
    entries = [
        (listed, _entry(listed, f"{base}/exports/{export.id}/{number}"))
        for number, listed in enumerate(export.files)
    ]
    return {
        "transactionTime": instant(export.until),
        "request": export.request_url,
        "requiresAccessToken": True,
        "output": [entry for listed, entry in entries if not listed.is_deletion],
        "deleted": [entry for listed, entry in entries if listed.is_deletion],
        "error": [],
    }


def _entry(listed: Listed, url: str) -> Element:
    return {"type": listed.type, "url": url, "count": listed.count}


def progress(export: Export) -> str:
    """Say how far an export is, in fewer than 100 characters."""
    return f"{export.assessments} assessments in {len(export.files)} files so far"
