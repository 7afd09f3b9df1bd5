"""Decimal commas, which half the world's spreadsheets write."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from functions.cognitive.plaintext import Document, Line

COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+")
POINT = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
UNCLEAR = "holds commas that may separate decimals or thousands"


def with_points(document: Document) -> Document:
    """Turn decimal commas into points, column by column, and say in which ones.

    A column is one of numbers with a decimal comma where every cell with a comma is such a
    number. Where every comma could as well separate thousands the column is unclear,
    unless shorter numbers without one stand beside: 877 beside 1,012.
    """
    unclear = dict(document.unclear)
    turned: list[str] = []
    for column, lines in _texts(document).items():
        cells = [line.cells[column].strip() for line in lines]
        sign = _meaning(cells)
        if sign is None:
            continue
        if sign == ",":
            unclear.setdefault(column, UNCLEAR)
            continue
        if sign == ".":
            turned.append(column)
        for line in lines:
            line.cells[column] = line.cells[column].replace(",", sign)
    return replace(document, unclear=unclear, decimal_commas=tuple(turned))


def _texts(document: Document) -> Mapping[str, Sequence[Line]]:
    """The lines in which each column holds text."""
    columns: dict[str, list[Line]] = {}
    for line in document.lines:
        for column, cell in line.cells.items():
            if isinstance(cell, str):
                columns.setdefault(column, []).append(line)
    return columns


def _meaning(cells: Sequence[str]) -> str | None:
    """What to write for a comma: a point, nothing, or itself where it is unclear.

    None where the column has no commas in numbers.
    """
    commas = [cell for cell in cells if "," in cell]
    if not commas or not all(COMMA.fullmatch(cell) or THOUSANDS.fullmatch(cell) for cell in commas):
        return None
    others = [cell for cell in cells if "," not in cell]
    if all(map(THOUSANDS.fullmatch, commas)):
        return "" if others and all(map(POINT.fullmatch, others)) else ","
    are_decimal = all(map(COMMA.fullmatch, commas))
    return "." if are_decimal and all("." not in cell for cell in others) else ","
