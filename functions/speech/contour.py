"""What is followed through a recording: a value over time, and a pitch within a range."""

from dataclasses import dataclass

import numpy as np

from functions.speech.sound import Flags, Floats

OCTAVE_JUMP = 0.35  # the cost that Praat sets itself


@dataclass(frozen=True)
class PitchRange:
    """Where a person's fundamental frequency is looked for, and what a jump of an octave costs.

    With the usual cost a jump that lasts half a second is still smoothed away; without any, each
    frame is judged by itself.
    """

    floor_hz: float
    ceiling_hz: float
    octave_jump: float = OCTAVE_JUMP


@dataclass(frozen=True)
class Contour:
    """A value over time.

    Attributes
    ----------
    times_s, values : (n_frames,) ndarray of float64
        Frame centers; NaN where there is no value, as in the unvoiced frames of a pitch contour.
    """

    times_s: Floats
    values: Floats

    @property
    def step_s(self) -> float:
        """Between frames; 0 of a single one."""
        return float(self.times_s[1] - self.times_s[0]) if len(self.times_s) > 1 else 0.0

    @property
    def present(self) -> Flags:
        return ~np.isnan(self.values)

    def within(self, start_s: float, end_s: float) -> "Contour":
        """Cut the frames whose centers lie within two times, both of them included."""
        inside = (self.times_s >= start_s) & (self.times_s <= end_s)
        return Contour(self.times_s[inside], self.values[inside])
