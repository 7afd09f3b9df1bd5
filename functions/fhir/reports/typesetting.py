"""The report as pages: PDF/UA-1 and PDF/A-2a, tagged, with every font inside."""

import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import typst

from functions.fhir.reports.content import Report

type Paper = Literal["a4", "us-letter"]
type Standard = Literal["a-2a", "ua-1", "1.7"]

PAPERS: Mapping[str, Paper] = MappingProxyType({"a4": "a4", "letter": "us-letter"})
TEMPLATE = Path(__file__).with_name("page.typ")
STANDARDS: Sequence[Standard] = ("a-2a", "ua-1")
# How high pictures may be, in mm: as large as leaves one page, never smaller than can be read.
FIGURE_HEIGHTS_MM = (95, 75, 58, 45, 36)
READABLE_MM = 75
# The packages that carry the fonts, beside no module of ours.
FONTS = ("manimgx_fonts", "noto_cjk_sans_otc")


def pdf(report: Report, paper: Paper) -> bytes:
    """Set a report as a PDF; the same report gives the same bytes.

    A character that no font of ours has breaks both standards: such a page is a tagged PDF 1.7,
    with a box in the character's place.
    """
    page = _laid_out(report, paper)
    try:
        return _written(page, report.as_of, STANDARDS)
    except typst.TypstError:
        return _written(page, report.as_of, ("1.7",))


def _written(page: typst.Compiler, as_of: datetime, standards: Sequence[Standard]) -> bytes:
    written = page.compile(
        format="pdf", pdf_standards=list(standards), timestamp=int(as_of.timestamp())
    )
    assert isinstance(written, bytes)
    return written


def _laid_out(report: Report, paper: Paper) -> typst.Compiler:
    """Lay a report out with the largest pictures that leave all but the sheets on one page.

    Where none does, more pages follow, and pictures are of a size that can be read.
    """
    words = asdict(report)
    del words["as_of"]
    words["head"]["logo"] = _logo(report.head.logo)
    inputs = {"report": json.dumps(words), "paper": paper}
    sheets = sum(figure.is_sheet for figure in report.figures)
    for height in FIGURE_HEIGHTS_MM:
        page = _compiler(inputs | {"figure-height": str(height)})
        if int(page.query("<pages>", field="value", one=True)) <= 1 + sheets:
            return page
    return _compiler(inputs | {"figure-height": str(READABLE_MM)})


def _logo(address: str | None) -> list[int] | None:
    """The bytes of a `data:` address, which the template takes as numbers."""
    return list(b64decode(address.partition(",")[2])) if address else None


def _compiler(inputs: dict[str, str]) -> typst.Compiler:
    return typst.Compiler(TEMPLATE, root=TEMPLATE.parent, font_paths=fonts(), sys_inputs=inputs)


@cache
def fonts() -> typst.Fonts:
    """Load the fonts: once a process, and none of the machine's own."""
    places = [spec for name in FONTS if (spec := find_spec(name)) is not None]
    return typst.Fonts(
        include_system_fonts=False,
        font_paths=[place for spec in places for place in spec.submodule_search_locations or ()],
    )
