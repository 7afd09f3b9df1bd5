"""The pages of the local server: what is here, what one may ask of it, and whom to be."""

from collections.abc import Mapping
from html import escape
from typing import Any

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark;
  --ink: light-dark(#18232f, #e3e9ef); --soft: light-dark(#5a6875, #98a6b3);
  --page: light-dark(#f4f6f8, #11171d); --card: light-dark(#fff, #1a222b);
  --line: light-dark(#dde3e8, #2b3640); --mark: light-dark(#0b6e76, #5cc8cf); }}
* {{ box-sizing: border-box; }}
body {{ margin: 0; padding: 2rem 1rem 4rem; color: var(--ink); background: var(--page);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }}
main {{ max-width: 46rem; margin: auto; }}
h1 {{ font-size: 1.75rem; margin: 0; }}
h2 {{ font-size: 1.125rem; margin: 0; }}
p {{ margin: .375rem 0 0; color: var(--soft); }}
a {{ color: var(--mark); }}
section {{ margin-top: 1rem; padding: 1rem 1.125rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .625rem; }}
nav {{ display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-top: .625rem; }}
nav a {{ padding: .375rem 0; }}
ul {{ list-style: none; margin: .625rem 0 0; padding: 0; }}
li {{ padding: .5rem 0; border-top: 1px solid var(--line); }}
li p {{ margin: 0; font-size: .9375rem; }}
code {{ font: .875rem/1.5 ui-monospace, monospace; }}
b {{ color: var(--mark); font-weight: 600; }}
</style>
</head>
<body><main>
<h1>{title}</h1>
{body}
</main></body>
</html>
"""


def start_page(summaries: Mapping[str, str]) -> str:
    """List the functions, each with what it says of itself."""
    sections = "".join(
        f"<section><h2>{escape(name)}</h2><p>{escape(summary)}</p>"
        f"<nav>{link(f'/api/{name}/docs', 'Endpoints')}{link(f'/api/{name}/health', 'Health')}"
        "</nav></section>"
        for name, summary in summaries.items()
    )
    return PAGE.format(
        title="MediLens",
        body="<p>Clinical recordings in, measured and auditable biomarkers out. "
        "This is the server on your own machine.</p>"
        f"<nav>{link('/console', 'Console')}{link('/docs', 'All endpoints')}"
        f"{link('/openapi.json', 'OpenAPI')}</nav>"
        + (sections or "<section><p>There is no function yet.</p></section>"),
    )


def docs_page(documents: Mapping[str, dict[str, Any] | None]) -> str:
    """List every endpoint by its function; None stands for one that could not be imported."""
    sections = "".join(
        f"<section><h2>{escape(name)}</h2>{_endpoints(name, document)}</section>"
        for name, document in documents.items()
    )
    return PAGE.format(
        title="Endpoints",
        body=f"<nav>{link('/', 'MediLens')}{link('/openapi.json', 'OpenAPI')}</nav>{sections}",
    )


def _endpoints(name: str, document: dict[str, Any] | None) -> str:
    if document is None:
        return "<p>This function could not be imported; the terminal says why.</p>"
    items = "".join(
        f"<li><code><b>{escape(method.upper())}</b> {escape(path)}</code>"
        f"<p>{escape(operation.get('summary', ''))}</p></li>"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    )
    return f"<nav>{link(f'/api/{name}/docs', 'Try them')}</nav><ul>{items}</ul>"


def link(address: str, words: str) -> str:
    """Return an element that leads to an address."""
    return f'<a href="{escape(address)}">{escape(words)}</a>'
