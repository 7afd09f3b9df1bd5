"""The rhythm: what the beats' kinds, their timing and the fibrillation windows amount to.

`rhythm(beats_seen, fibrillation, shapes, duration_s) -> Rhythm`, with segments that cover the
recording, runs of ventricular beats and pauses. Names say what was seen: "sinus rhythm" needs a
wave at a constant distance before the QRS; flutter with fixed conduction has one too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

from functions.cardiology.ecg import Floats
from functions.cardiology.fibrillation import Fibrillation, p_wave_constancy
from functions.cardiology.shapes import Shapes
from functions.cardiology.ventricular import BeatKind, Kinds
from shared.science.signals import Mask, spans

SLOW_BPM, FAST_BPM = 60.0, 100.0
TACHYCARDIA_BPM = 100.0
RUN_BEATS = 3
BIGEMINY_CYCLES = 3  # ventricular, normal, ventricular, normal, ventricular, normal

PIECE_BEATS = 60  # the rate of a segment is judged over so many
MIN_PIECE_BEATS = 5
P_WAVE_SEEN = 0.25  # `p_wave_constancy`; see the method card
UNSEEN_S = 3.0  # longer without an observed beat is a segment of its own

NOTED_PAUSE_S, MARKED_PAUSE_S = 2.0, 3.0

CHANGE = 0.10  # of the interval before: a step that can be felt
REGULAR_SHARE = 0.10  # so few of such steps are breathing, not irregularity


class RhythmName(StrEnum):
    SINUS = "sinus rhythm"
    SINUS_BRADYCARDIA = "sinus bradycardia"
    SINUS_TACHYCARDIA = "sinus tachycardia"
    NO_P_WAVES = "regular rhythm without visible P waves"
    SLOW_NO_P_WAVES = "slow regular rhythm without visible P waves"
    FAST_NO_P_WAVES = "fast regular rhythm without visible P waves"
    IRREGULAR = "irregular rhythm without visible P waves"
    FIBRILLATION = "irregular rhythm, atrial fibrillation possible"
    VENTRICULAR = "run of ventricular beats"
    PACED = "paced rhythm"
    UNDETERMINED = "undetermined"


SINUS_NAMES = (RhythmName.SINUS, RhythmName.SINUS_BRADYCARDIA, RhythmName.SINUS_TACHYCARDIA)
NAMES_WITHOUT_P = (
    RhythmName.NO_P_WAVES, RhythmName.SLOW_NO_P_WAVES, RhythmName.FAST_NO_P_WAVES
)  # fmt: skip


# A few beats at the edge of these, or ectopic ones within, belong to them.
LASTING = (RhythmName.FIBRILLATION, RhythmName.PACED)


class Regularity(StrEnum):
    REGULAR = "regular"
    REGULAR_WITH_ECTOPY = "regular with ectopic beats"
    IRREGULAR = "irregular"


@dataclass(frozen=True)
class NamedBeats:
    """The beats of a recording.

    Attributes
    ----------
    time_s : ndarray of float64, shape (n_beats,)
    kinds : ndarray of str, shape (n_beats,)
    is_connected : ndarray of bool, shape (n_beats - 1,)
        Whether the signal between a beat and the next is usable.
    """

    time_s: Floats
    kinds: Kinds
    is_connected: Mask

    def are(self, kind: BeatKind) -> Mask:
        found: Mask = self.kinds == kind.value
        return found


@dataclass(frozen=True)
class Segment:
    """A stretch of one rhythm; the probability is None where no model gave one."""

    start_s: float
    end_s: float
    rhythm: RhythmName
    probability: float | None


@dataclass(frozen=True)
class Run:
    """Ventricular beats in a row."""

    n_beats: int
    duration_s: float
    rate_bpm: float

    @property
    def is_tachycardia(self) -> bool:
        return self.n_beats >= RUN_BEATS and self.rate_bpm > TACHYCARDIA_BPM


@dataclass(frozen=True)
class Rhythm:
    segments: tuple[Segment, ...]
    regularity: Regularity | None
    runs: tuple[Run, ...]
    has_bigeminy: bool
    pause_max_s: float | None

    @property
    def classification(self) -> RhythmName:
        """The rhythm of most of the time; fibrillation wherever any was seen."""
        seconds: dict[RhythmName, float] = {}
        for segment in self.segments:
            length_s = segment.end_s - segment.start_s
            seconds[segment.rhythm] = seconds.get(segment.rhythm, 0.0) + length_s
        if RhythmName.FIBRILLATION in seconds:
            return RhythmName.FIBRILLATION
        seen = {name: s for name, s in seconds.items() if name is not RhythmName.UNDETERMINED}
        return max(seen, key=seen.__getitem__) if seen else RhythmName.UNDETERMINED

    def share(self, name: RhythmName) -> float | None:
        """The share of the time with a known rhythm that has this one."""
        known = [one for one in self.segments if one.rhythm is not RhythmName.UNDETERMINED]
        total_s = sum(one.end_s - one.start_s for one in known)
        if not total_s:
            return None
        return sum(one.end_s - one.start_s for one in known if one.rhythm is name) / total_s


def rhythm(
    beats: NamedBeats, fibrillation: Fibrillation, shapes: Shapes, duration_s: float
) -> Rhythm:
    """Name the rhythm of every stretch of a recording.

    Parameters
    ----------
    beats : NamedBeats
        At least two.
    fibrillation : Fibrillation
    shapes : Shapes
    duration_s : float
        Of the whole recording.
    """
    runs = ventricular_runs(beats)
    rr_s = np.diff(beats.time_s)[beats.is_connected]
    return Rhythm(
        segments=rhythm_segments(beats, fibrillation, shapes, duration_s),
        regularity=regularity(beats),
        runs=tuple(run for _, run in runs),
        has_bigeminy=has_bigeminy(beats),
        pause_max_s=float(rr_s.max()) if len(rr_s) else None,
    )


def ventricular_runs(beats: NamedBeats) -> list[tuple[slice, Run]]:
    """Every row of two or more ventricular beats, and where it lies.

    Three or more above 100 per minute are ventricular tachycardia [1]_.

    References
    ----------
    .. [1] Al-Khatib S M et al. (2018). 2017 AHA/ACC/HRS guideline for management of patients with
       ventricular arrhythmias. Circulation 138(13), e272-e391. doi:10.1161/CIR.0000000000000549
    """
    ventricular = beats.are(BeatKind.VENTRICULAR)
    joined = ventricular[1:] & ventricular[:-1] & beats.is_connected
    runs = []
    for start, stop in spans(joined):
        row = slice(start, stop + 1)
        length_s = float(beats.time_s[stop] - beats.time_s[start])
        n_beats = stop + 1 - start
        runs.append((row, Run(n_beats, length_s, 60 * (n_beats - 1) / length_s)))
    return runs


def has_bigeminy(beats: NamedBeats) -> bool:
    """Whether every second beat is ventricular for `BIGEMINY_CYCLES` cycles."""
    ventricular = beats.are(BeatKind.VENTRICULAR)
    alternates = (ventricular[1:] != ventricular[:-1]) & beats.is_connected
    return bool(spans(alternates, at_least=2 * BIGEMINY_CYCLES - 1))


def regularity(beats: NamedBeats) -> Regularity | None:
    """Whether the intervals between beats that are not ectopic keep their length."""
    plain = beats.are(BeatKind.NORMAL) | beats.are(BeatKind.PACED)
    kept = plain[1:] & plain[:-1] & beats.is_connected
    both = np.flatnonzero(kept[1:] & kept[:-1]) + 1
    if len(both) < MIN_PIECE_BEATS:
        return None
    rr_s = np.diff(beats.time_s)
    steps = np.abs(rr_s[both] - rr_s[both - 1]) / rr_s[both - 1]
    if np.mean(steps > CHANGE) > REGULAR_SHARE:
        return Regularity.IRREGULAR
    return Regularity.REGULAR if plain.all() else Regularity.REGULAR_WITH_ECTOPY


def rhythm_segments(
    beats: NamedBeats, fibrillation: Fibrillation, shapes: Shapes, duration_s: float
) -> tuple[Segment, ...]:
    """Cut a recording where its rhythm changes; what was not observed is undetermined."""
    state = _states(beats, fibrillation)
    pieces = [
        _piece(beats, fibrillation, shapes, name, part) for name, part in _parts(state, beats)
    ]
    return tuple(_merged(_covering(pieces, duration_s)))


def _states(beats: NamedBeats, fibrillation: Fibrillation) -> Kinds:
    """What each beat belongs to, before the rate and the P waves are looked at."""
    state = np.full(len(beats.time_s), "", dtype="<U64")
    state[fibrillation.beats] = RhythmName.FIBRILLATION.value
    state[beats.are(BeatKind.PACED)] = RhythmName.PACED.value
    for row, run in ventricular_runs(beats):
        if run.is_tachycardia:
            state[row] = RhythmName.VENTRICULAR.value
    for start, stop in spans(state == ""):
        before, after = str(state[max(start - 1, 0)]), str(state[min(stop, len(state) - 1)])
        lasting = [name for name in (before, after) if name in LASTING]
        if stop - start < MIN_PIECE_BEATS and lasting:
            state[start:stop] = lasting[0]
    return state


def _parts(state: Kinds, beats: NamedBeats) -> Iterator[tuple[str, slice]]:
    """Stretches of one state without a gap; those without a name yet in pieces."""
    changes = np.flatnonzero((state[1:] != state[:-1]) | ~beats.is_connected) + 1
    for start, stop in pairwise([0, *changes.tolist(), len(state)]):
        name = str(state[start])
        length = PIECE_BEATS if not name else stop - start
        n_pieces = max(1, (stop - start) // length)
        edges = np.linspace(start, stop, n_pieces + 1).astype(int).tolist()
        yield from ((name, slice(first, last)) for first, last in pairwise(edges))


def _piece(
    beats: NamedBeats, fibrillation: Fibrillation, shapes: Shapes, name: str, part: slice
) -> Segment:
    """One stretch with its name, from half an interval before its first beat to the next."""
    start_s, end_s = _borders(beats, part)
    judged = fibrillation.probability[part]
    judged = judged[~np.isnan(judged)]
    probability = float(judged.mean()) if len(judged) else None
    if name == RhythmName.FIBRILLATION:
        return Segment(start_s, end_s, RhythmName.FIBRILLATION, probability)
    if name:
        return Segment(start_s, end_s, RhythmName(name), None)
    named = _name_by_rate(beats, shapes, part)
    if named is RhythmName.UNDETERMINED or probability is None:
        return Segment(start_s, end_s, named, None)
    return Segment(start_s, end_s, named, 1 - probability)


def _borders(beats: NamedBeats, part: slice) -> tuple[float, float]:
    """Halfway to the neighboring beats, or at the own beat where a gap lies between."""
    time_s = beats.time_s
    first, last = part.start, part.stop - 1
    start_s, end_s = float(time_s[first]), float(time_s[last])
    if first > 0 and beats.is_connected[first - 1]:
        start_s = float(time_s[first - 1] + time_s[first]) / 2
    if last < len(time_s) - 1 and beats.is_connected[last]:
        end_s = float(time_s[last] + time_s[last + 1]) / 2
    return start_s, end_s


def _name_by_rate(beats: NamedBeats, shapes: Shapes, part: slice) -> RhythmName:
    """Sinus rhythm by its rate where P waves are seen, otherwise what else can be said."""
    plain = np.flatnonzero(beats.are(BeatKind.NORMAL)[part]) + part.start
    rr_s = np.diff(beats.time_s[part])
    if len(plain) < MIN_PIECE_BEATS or len(rr_s) == 0:
        return RhythmName.UNDETERMINED
    rate = 60 / float(rr_s.mean())
    # As whole numbers, the way a rate is read: 60 is not slow.
    step = 1 if round(rate) < SLOW_BPM else 2 if round(rate) > FAST_BPM else 0
    if p_wave_constancy(shapes.windows[plain]) >= P_WAVE_SEEN:
        return SINUS_NAMES[step]
    own = NamedBeats(
        beats.time_s[part], beats.kinds[part], beats.is_connected[part.start : part.stop - 1]
    )
    if regularity(own) in (Regularity.REGULAR, Regularity.REGULAR_WITH_ECTOPY):
        return NAMES_WITHOUT_P[step]
    return RhythmName.IRREGULAR


def _covering(pieces: list[Segment], duration_s: float) -> Iterator[Segment]:
    """Fill the holes between pieces: short ones by stretching, long ones as undetermined."""
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


def _merged(segments: Iterator[Segment]) -> list[Segment]:
    """Join neighbors of the same rhythm, their probability weighted by length."""
    merged: list[Segment] = []
    for segment in segments:
        if merged and merged[-1].rhythm is segment.rhythm:
            merged[-1] = _joined(merged[-1], segment)
        else:
            merged.append(segment)
    return merged


def _joined(left: Segment, right: Segment) -> Segment:
    known = [one for one in (left, right) if one.probability is not None]
    weight = sum(one.end_s - one.start_s for one in known)
    total = sum((one.probability or 0.0) * (one.end_s - one.start_s) for one in known)
    probability = total / weight if weight else None
    return Segment(left.start_s, right.end_s, left.rhythm, probability)
