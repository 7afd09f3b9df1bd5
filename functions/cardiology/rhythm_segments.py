"""Stretches of one rhythm that cover a recording."""

from collections.abc import Iterator
from dataclasses import dataclass

from functions.cardiology.rhythm_names import RhythmName

UNSEEN_S = 3.0  # longer without an observed beat is a segment of its own


@dataclass(frozen=True)
class Segment:
    """A stretch of one rhythm.

    Attributes
    ----------
    start_s, end_s : float
        From the beginning of the recording.
    rhythm : RhythmName
    probability : float or None
        Of fibrillation, or in a stretch of another name that there is none; None where no model
        gave one.
    """

    start_s: float
    end_s: float
    rhythm: RhythmName
    probability: float | None

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


def covering(pieces: list[Segment], duration_s: float) -> Iterator[Segment]:
    """Fill the holes between pieces, so that segments cover the recording.

    Parameters
    ----------
    pieces : list of Segment
        In order of time.
    duration_s : float
        Of the recording.

    Yields
    ------
    Segment
        A hole of up to `UNSEEN_S` is shared by its neighbors; a longer one is undetermined.
    """
    reached_s = 0.0
    held: Segment | None = None
    for piece in pieces:
        start_s = piece.start_s
        if start_s - reached_s > UNSEEN_S:
            if held is not None:
                yield held
            yield Segment(reached_s, start_s, RhythmName.UNDETERMINED, None)
        elif held is not None:
            middle_s = (reached_s + start_s) / 2
            yield Segment(held.start_s, middle_s, held.rhythm, held.probability)
            start_s = middle_s
        else:
            start_s = reached_s
        held = Segment(start_s, piece.end_s, piece.rhythm, piece.probability)
        reached_s = piece.end_s
    if held is None:
        yield Segment(0.0, duration_s, RhythmName.UNDETERMINED, None)
    elif duration_s - reached_s > UNSEEN_S:
        yield held
        yield Segment(reached_s, duration_s, RhythmName.UNDETERMINED, None)
    else:
        yield Segment(held.start_s, duration_s, held.rhythm, held.probability)


def merged_segments(segments: Iterator[Segment]) -> list[Segment]:
    """Join neighbors of the same rhythm, their probability weighted by length."""
    merged: list[Segment] = []
    for segment in segments:
        if merged and merged[-1].rhythm is segment.rhythm:
            merged[-1] = _joined(merged[-1], segment)
        else:
            merged.append(segment)
    return merged


def _joined(left: Segment, right: Segment) -> Segment:
    known = [stretch for stretch in (left, right) if stretch.probability is not None]
    weight = sum(stretch.duration_s for stretch in known)
    total = sum((stretch.probability or 0.0) * stretch.duration_s for stretch in known)
    probability = total / weight if weight else None
    return Segment(left.start_s, right.end_s, left.rhythm, probability)
