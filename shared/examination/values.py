"""What was measured, in the catalog's terms and order, with the range it was held against."""

from dataclasses import replace

from shared.examination.method_card import MethodCard
from shared.record import Measured, RiskPoint, Value


def cited(card: MethodCard, point: RiskPoint) -> RiskPoint:
    return replace(point, citation=card.sources[point.source])


def in_order(card: MethodCard, measured: tuple[Measured, ...]) -> tuple[Value, ...]:
    """The values in the order of the catalog, which is that of a later reading."""
    order = {name: place for place, name in enumerate(card.biomarkers)}
    return tuple(
        _value(card, value) for value in sorted(measured, key=lambda value: order[value.name])
    )


def _value(card: MethodCard, measured: Measured) -> Value:
    entry, band = card.biomarkers[measured.name], measured.range
    method = [card.version] if measured.method is None else [card.version, measured.method]
    return Value(
        name=measured.name,
        value=measured.value,
        unit=entry.unit,
        category=entry.category,
        confidence=measured.confidence,
        normal_range_min=band.low if band else None,
        normal_range_max=band.high if band else None,
        status=measured.status,
        source=band.source if band else None,
        population=band.population if band else None,
        citation=card.sources[band.source] if band else None,
        method=", ".join(method),
    )
