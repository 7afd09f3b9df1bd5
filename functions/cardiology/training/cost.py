"""What an analysis costs: CPU time, peak memory and size of the answer.

    uv run python -m functions.cardiology.training.cost

Synthesized recordings with noise, wander and ectopic beats; each is analyzed in a process of its
own, so that one's memory is not another's. The peak holds the interpreter, numpy and the signal.
"""

import gzip
import json
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

from functions.cardiology.analysis import analyze
from functions.cardiology.ecg import Ecg
from local.samples.ecg import TWELVE_LEADS, Disturbance, Episode, Rhythm, synthesize

HOUR_S = 3600.0
CASES = {
    "12 leads, 30 s, 500 Hz": (TWELVE_LEADS, 500.0, 30.0),
    "1 lead, 24 h, 360 Hz": (("II",), 360.0, 24 * HOUR_S),
    "2 leads, 24 h, 360 Hz": (("II", "V1"), 360.0, 24 * HOUR_S),
    "3 leads, 24 h, 250 Hz": (("II", "V1", "V5"), 250.0, 24 * HOUR_S),
}


def recording(leads: tuple[str, ...], fs_hz: float, duration_s: float) -> Ecg:
    """An hour is made and repeated: making a day costs more than measuring it."""
    hour_s = min(duration_s, HOUR_S)
    episode = Episode(
        Rhythm.SINUS, hour_s, rate_bpm=78, ventricular_every=30, supraventricular_every=70
    )
    noise = Disturbance(snr_db=20, wander_mv=0.1)
    made = synthesize([episode], fs_hz=fs_hz, leads=leads, disturbance=noise, seed=1)
    hour_mv = made.signal_mv.astype(np.float32)
    signal_mv = np.tile(hour_mv, (round(duration_s / hour_s), 1))
    return Ecg(signal_mv, fs_hz, leads, "synthetic")


def cost(name: str) -> str:
    ecg = recording(*CASES[name])
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started_s = time.process_time()
    findings = analyze(ecg)
    cpu_s = time.process_time() - started_s
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answer = json.dumps(findings.result, separators=(",", ":")).encode()
    drawn = sum(len(picture.content) for picture in findings.pictures)
    return (
        f"{name}: {cpu_s:.2f} s CPU, {peak_mb:.0f} MB peak ({before_mb:.0f} MB before, signal "
        f"{ecg.signal_mv.nbytes / 2**20:.0f} MB), "
        f"{findings.result['r_peaks_detected']} beats, result "
        f"{len(answer) / 1e6:.2f} MB ({len(gzip.compress(answer)) / 1e6:.2f} compressed), pictures "
        f"{drawn / 1e6:.2f} MB"
    )


if __name__ == "__main__":
    for name in CASES:
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            print(pool.submit(cost, name).result())
