"""The report as a page of its own: no script, nothing from elsewhere, every picture inside."""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from html import escape
from pathlib import Path

from functions.fhir.reports.content import Entry, Figure, Report, Row, Signature

STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
# The browser runs nothing and fetches nothing: what stands in a record stays words.
POLICY = (
    "default-src 'none'; img-src data:; frame-ancestors 'none'; style-src"
    f" 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'"
)


def html(report: Report) -> str:
    """Write a report as HTML; all text is escaped."""
    body = "".join(_parts(report))
    return (
        f'<!doctype html><html lang="{report.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(report.title)}</title><style>{STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>"
    )


def _parts(report: Report) -> Iterator[str]:
    yield _header(report)
    yield _section(report.name, _pairs([*report.person, *report.about]))
    result = _pairs(report.findings) + _tag("p", report.disclaimer, "note")
    yield _section("Result", result, "result")
    if report.groups:
        yield _section("Measured", "".join(_table(report)))
    for figure in report.figures:
        yield _figure(figure)
    absent = [
        f"<li><strong>{escape(', '.join(reason.measures))}:</strong> {escape(reason.detail)}</li>"
        for reason in report.absent
    ]
    yield _list("Not measured", absent)
    yield _list("Remarks", [_tag("li", words) for words in report.remarks])
    if report.signatures is not None:
        yield _section("Review and signature", "".join(_review(report.signatures)))
    yield f"<footer>{''.join(_foot(report))}</footer>"


def _header(report: Report) -> str:
    head = report.head
    logo = f'<img src="{escape(head.logo)}" alt="" class="logo">' if head.logo else ""
    lines = "".join(_tag("div", line) for line in head.lines)
    return (
        f'<header>{logo}<div class="head"><strong>{escape(head.organization)}</strong>{lines}</div>'
        f"<div><h1>{escape(report.title)}</h1><p><strong>{escape(report.status)}</strong></p></div>"
        "</header>"
    )


def _pairs(entries: Iterable[Entry]) -> str:
    told = (f"<dt>{escape(entry.label)}</dt><dd>{escape(entry.words)}</dd>" for entry in entries)
    return f"<dl>{''.join(told)}</dl>"


def _table(report: Report) -> Iterator[str]:
    """One table, with a body for each category and the columns that some row fills."""
    has_interval = any(row.interval for row in report.rows)
    has_change = any(row.change for row in report.rows)
    heads = [
        *("Measure", "Value"),
        *(["95 % interval"] if has_interval else []),
        "Reference",
        *(["Change"] if has_change else []),
    ]
    yield f"<table><thead><tr>{_cells(heads, 'th', ' scope=col')}</tr></thead>"
    for group in report.groups:
        yield f"<tbody><tr><th scope=rowgroup colspan={len(heads)}>{escape(group.label)}</th></tr>"
        for row in group.rows:
            more = [row.interval] if has_interval else []
            yield f"<tr><th scope=row>{escape(row.label)}</th><td>{_value(row)}</td>"
            yield _cells(more)
            yield f"<td>{_reference(row)}</td>"
            yield _cells([row.change] if has_change else [])
            yield "</tr>"
        yield "</tbody>"
    yield "</table>"


def _cells(words: Iterable[str], tag: str = "td", more: str = "") -> str:
    return "".join(f"<{tag}{more}>{escape(text)}</{tag}>" for text in words)


def _value(row: Row) -> str:
    value = escape(f"{row.value} {row.unit}".rstrip())
    return f"<strong>{value}</strong>" if row.flag else value


def _reference(row: Row) -> str:
    flag = f"<strong>{escape(row.flag)}</strong> " if row.flag else ""
    source = f"<sup>{row.source}</sup>" if row.source else ""
    return f"{flag}{escape(row.reference)}{source} {escape(row.population)}".rstrip()


def _figure(figure: Figure) -> str:
    source = f"data:image/svg+xml;base64,{b64encode(figure.svg.encode()).decode()}"
    return (
        f'<figure><img src="{source}" alt="{escape(figure.alt)}">'
        f"<figcaption>{escape(figure.caption)}</figcaption></figure>"
    )


def _review(signatures: Iterable[Signature]) -> Iterator[str]:
    told = [
        f"<p>Signed electronically by <strong>{escape(signature.name)}</strong> on"
        f" {escape(signature.signed_at)}. {escape(signature.note or '')}</p>"
        for signature in signatures
    ]
    yield from told or ["<p>Not reviewed yet: no professional has signed this result.</p>"]


def _foot(report: Report) -> Iterator[str]:
    if report.citations:
        cited = "".join(_tag("li", words) for words in report.citations)
        yield f"<h2>Ranges and rules</h2><ol>{cited}</ol>"
    method = " · ".join(f"{entry.label} {entry.words}" for entry in report.method)
    yield f"<h2>Method</h2>{_tag('p', method)}"
    yield f"<h2>Verification</h2>{_tag('p', ' '.join(report.verification))}"


def _section(title: str, content: str, kind: str = "") -> str:
    name = f' class="{kind}"' if kind else ""
    return f"<section{name}><h2>{escape(title)}</h2>{content}</section>"


def _list(title: str, items: list[str]) -> str:
    return _section(title, f"<ul>{''.join(items)}</ul>") if items else ""


def _tag(name: str, words: str, kind: str = "") -> str:
    attribute = f' class="{kind}"' if kind else ""
    return f"<{name}{attribute}>{escape(words)}</{name}>"
