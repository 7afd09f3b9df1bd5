"""The rhythm: what the beats' kinds, their timing and the waves of the atria amount to.

`rhythm(beats, fibrillation, atria, conduction, duration_s) -> Rhythm`, with segments that cover
the recording, runs of ventricular beats and pauses. Names say what was seen: "sinus" needs a wave
at a constant distance before the QRS, and intervals that go with it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from functions.cardiology.atrial import AtrialActivity
from functions.cardiology.beat_patterns import (
    NamedBeats,
    Regularity,
    Run,
    alternates,
    regularity,
    ventricular_runs,
)
from functions.cardiology.conduction import Block, Conduction
from functions.cardiology.ecg import Floats
from functions.cardiology.fibrillation import Fibrillation
from functions.cardiology.rhythm_names import (
    BLOCK_NAMES,
    LASTING,
    NAMES_WITHOUT_P,
    SINUS_NAMES,
    RhythmName,
)
from functions.cardiology.rhythm_segments import Segment, covering, merged_segments
from functions.cardiology.ventricular import BeatKind, Kinds
from shared.science.signals import spans

SLOW_BPM, FAST_BPM = 60.0, 100.0

PIECE_BEATS = 60  # the rate of a segment is judged over so many
MIN_PIECE_BEATS = 5
# Constancy of the signal before the QRS (`atrial.constancy`); see the method card.
P_WAVE_SEEN, P_WAVE_CLEAR = 0.25, 0.50
FAR_P_WAVE = 0.60  # far before the QRS, where none is seen close to it: PR beyond 260 ms

NOTED_PAUSE_S, MARKED_PAUSE_S = 2.0, 3.0

# Flutter has 240 to 350 waves a minute (Saoudi 2001); where every second is conducted, one of them
# lies in the QRS complex and the other looks like a P wave. 2 % are left for clocks.
FLUTTER_TWO_BPM = (118.0, 175.0)
# Usual departure from the median interval, of it: flutter keeps time. Own choice: LUDB 35 (flutter)
# has 0.010, of which half is the 2 ms of its samples.
STEADY = 0.02


@dataclass(frozen=True)
class Rhythm:
    """Names of all stretches of a recording, and what stands out in them.

    Attributes
    ----------
    segments : tuple of Segment
        They cover the recording without a gap, in order of time.
    regularity : Regularity or None
        None where there are too few intervals to tell.
    runs : tuple of Run
        Ventricular beats in a row.
    has_bigeminy, has_trigeminy : bool
        Whether every second, every third beat alone is ventricular for some cycles in a row.
    blocks : tuple of Block
        The ways in which conduction from the atria fails.
    pause_max_s : float or None
        The longest interval between connected beats; None where there is none.
    """

    segments: tuple[Segment, ...]
    regularity: Regularity | None
    runs: tuple[Run, ...]
    has_bigeminy: bool
    has_trigeminy: bool
    blocks: tuple[Block, ...]
    pause_max_s: float | None

    @property
    def seconds(self) -> dict[RhythmName, float]:
        """How long each rhythm lasts."""
        seconds: dict[RhythmName, float] = {}
        for segment in self.segments:
            seconds[segment.rhythm] = seconds.get(segment.rhythm, 0.0) + segment.duration_s
        return seconds

    @property
    def classification(self) -> RhythmName:
        """The rhythm of most of the time; fibrillation wherever any was seen."""
        seconds = self.seconds
        if RhythmName.FIBRILLATION in seconds:
            return RhythmName.FIBRILLATION
        seconds.pop(RhythmName.UNDETERMINED, None)
        return max(seconds, key=seconds.__getitem__, default=RhythmName.UNDETERMINED)

    def share(self, name: RhythmName) -> float | None:
        """The share of the time with a known rhythm that has this one."""
        seconds = self.seconds
        seconds.pop(RhythmName.UNDETERMINED, None)
        total_s = sum(seconds.values())
        return seconds.get(name, 0.0) / total_s if total_s else None


def rhythm(
    beats: NamedBeats,
    fibrillation: Fibrillation,
    atria: AtrialActivity,
    conduction: Sequence[Conduction],
    duration_s: float,
) -> Rhythm:
    """Name the rhythm of every stretch of a recording.

    Parameters
    ----------
    beats : NamedBeats
        At least two.
    fibrillation : Fibrillation
    atria : AtrialActivity
    conduction : sequence of Conduction
    duration_s : float
        Of the whole recording.

    Returns
    -------
    Rhythm
    """
    runs = ventricular_runs(beats)
    rr_s = np.diff(beats.time_s)[beats.is_connected]
    return Rhythm(
        segments=rhythm_segments(beats, fibrillation, atria, conduction, duration_s),
        regularity=regularity(beats),
        runs=tuple(run for _, run in runs),
        has_bigeminy=alternates(beats, 2),
        has_trigeminy=alternates(beats, 3),
        blocks=tuple(
            dict.fromkeys(stretch.block for stretch in conduction if stretch.block is not None)
        ),
        pause_max_s=float(rr_s.max()) if len(rr_s) else None,
    )


def rhythm_segments(
    beats: NamedBeats,
    fibrillation: Fibrillation,
    atria: AtrialActivity,
    conduction: Sequence[Conduction],
    duration_s: float,
) -> tuple[Segment, ...]:
    """Cut a recording where its rhythm changes; what was not observed is undetermined."""
    state = _states(beats, fibrillation, conduction)
    pieces = [_piece(beats, fibrillation, atria, name, part) for name, part in _parts(state, beats)]
    return tuple(merged_segments(covering(pieces, duration_s)))


def _states(
    beats: NamedBeats, fibrillation: Fibrillation, conduction: Sequence[Conduction]
) -> Kinds:
    """What each beat belongs to, before the rate and the P waves are looked at."""
    state = np.full(len(beats.time_s), "", dtype="<U64")
    for stretch in conduction:
        if stretch.flutters:
            state[stretch.first : stretch.last] = RhythmName.FLUTTER.value
    state[fibrillation.beats] = RhythmName.FIBRILLATION.value
    for stretch in conduction:
        if stretch.block is not None:
            state[stretch.first : stretch.last] = BLOCK_NAMES[stretch.block].value
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
    beats: NamedBeats, fibrillation: Fibrillation, atria: AtrialActivity, name: str, part: slice
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
    named = _name_by_rate(beats, atria, part)
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


def _name_by_rate(beats: NamedBeats, atria: AtrialActivity, part: slice) -> RhythmName:
    """Sinus rhythm by its rate where P waves and intervals agree, otherwise what else is known."""
    plain = np.flatnonzero(beats.are(BeatKind.NORMAL)[part]) + part.start
    rr_s = np.diff(beats.time_s[part])
    if len(plain) < MIN_PIECE_BEATS or len(rr_s) == 0:
        return RhythmName.UNDETERMINED
    rate = 60 / float(rr_s.mean())
    # As whole numbers, the way a rate is read: 60 is not slow.
    step = 1 if round(rate) < SLOW_BPM else 2 if round(rate) > FAST_BPM else 0
    own = NamedBeats(
        beats.time_s[part], beats.kinds[part], beats.is_connected[part.start : part.stop - 1]
    )
    is_regular = regularity(own) in (Regularity.REGULAR, Regularity.REGULAR_WITH_ECTOPY)
    close, far = atria.p_on(plain), atria.p_far(plain)
    if is_regular and may_flutter(rr_s):
        return RhythmName.FAST_STEADY
    if close >= P_WAVE_CLEAR or (is_regular and (close >= P_WAVE_SEEN or far >= FAR_P_WAVE)):
        return SINUS_NAMES[step]
    return NAMES_WITHOUT_P[step] if is_regular else RhythmName.IRREGULAR


def may_flutter(rr_s: Floats) -> bool:
    """Whether the beats come as fast and as steadily as in flutter of 2:1 conduction.

    No wave of such a rhythm lies alone, so that none of them tells it from sinus tachycardia.
    """
    median_s = float(np.median(rr_s))
    departure = float(np.median(np.abs(rr_s - median_s))) / median_s
    return FLUTTER_TWO_BPM[0] <= 60 / median_s <= FLUTTER_TWO_BPM[1] and departure < STEADY
