"""Measure what lossy codecs do to the measures of a vowel, and write the table of the method card.

    python -m functions.speech.training.codec_limits RESULTS.jsonl [--data ../shared/data/speech]

Encodes the labelled vowels and 30 synthesized ones with several encoders of each family, decodes
them as an upload, measures the same 0.9 s of both, appends a line per encoding to RESULTS.jsonl
(what stands there is not measured again), and writes the shares and intervals between the markers
in `functions/speech/README.md`. The limits that follow are printed; they stand in `codecs.py`.
Needs the command-line programs ffmpeg (with libshine) and opusenc. Takes half an hour.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from parselmouth.praat import call
from scipy.signal import resample_poly

from functions.speech import praat
from functions.speech.codecs import TOLERANCES, group_of
from functions.speech.contour import PitchRange
from functions.speech.decode import decode_sound
from functions.speech.sound import Floats, Sound
from functions.speech.training.encoders import EXPERIMENTAL, FS_HZ, encoders
from functions.speech.voice import perturbation
from local.samples.voice import sustained_vowel
from shared.recording import RecordingFile

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- codecs: written by training/codec_limits.py -->", "<!-- codecs: end -->"
MEASURED_FS_HZ = 24_000  # a quarter of the cost; it moves no measure by more than 0.2 % of itself
START_S, LENGTH_S, MAX_S = 0.35, 0.9, 2.5
DELAYS = (0, 528, 1024)  # samples that decoders leave at the beginning
SYNTHESIZED = 30
LABELLED = (
    "vowels/sustained_a.wav",
    "vowels/sustained_e.wav",
    "vowels/sustained_o.wav",
    "vowels/001_a1_PCGITA.wav",
    "svd/1-a_n.wav",
    "svd/10-a_h.wav",
    "svd/102-a_h.wav",
    "svd/1006-a_h.wav",
    "svd/1022-a_h.wav",
    "svd/1024-a_h.wav",
)
SHOWN = ("jitter_local", "shimmer_local", "hnr", "cpps")
IN_DECIBELS = ("hnr", "cpps", "shimmer_local_db")
WITHIN = 0.9  # of the voices must stay within the tolerance
# What decides the limits; the other encodings are shown for fewer voices.
DECIDING = {
    ("libopus", 96),
    ("libopus", 64),
    ("libopus for speech", 128),
    ("LAME", 128),
    ("Shine", 192),
    ("Shine", 128),
    ("FFmpeg aac", 192),
    ("FFmpeg aac", 128),
}


def voices(data: Path) -> Iterator[tuple[str, Floats]]:
    """Labelled vowels, and synthesized ones whose truth is spread evenly, at `FS_HZ`."""
    for name in LABELLED:
        sound = decode_sound(RecordingFile(name, (data / name).read_bytes()))
        ratio = Fraction(FS_HZ, int(sound.fs_hz))
        samples = resample_poly(sound.samples, ratio.numerator, ratio.denominator)
        yield name, in_16_bits(samples[: int(MAX_S * FS_HZ)])
    rng = np.random.default_rng(20)
    for number in range(SYNTHESIZED):
        voice = sustained_vowel(
            f0_hz=float(np.exp(rng.uniform(np.log(85), np.log(320)))),
            duration_s=2,
            jitter_percent=float(np.exp(rng.uniform(np.log(0.15), np.log(1.6)))),
            shimmer_percent=float(np.exp(rng.uniform(np.log(1), np.log(7)))),
            hnr_db=float(rng.uniform(12, 36)),
            fs_hz=FS_HZ,
            seed=100 + number,
        )
        yield f"synthesized {number}", in_16_bits(voice.samples)


def in_16_bits(samples: Floats) -> Floats:
    return np.asarray(np.round(np.clip(samples, -1, 1) * 32_767) / 32_767)


def measured(samples: Floats) -> Mapping[str, float]:
    sound = call(praat.praat_sound(samples, FS_HZ), "Resample", MEASURED_FS_HZ, 50)
    pitch = praat.cross_correlation_pitch(sound, PitchRange(70, 500))
    changes = vars(perturbation(sound, praat.pulses(sound, pitch)))
    return {**changes, "hnr": praat.hnr_db(sound, 70), "cpps": praat.cpps_db(sound)}


def aligned(decoded: Floats, original: Floats, start: int, length: int) -> Floats:
    """Cut the part of a decoded sound that is the same as in the original.

    Codecs delay what they encode, each by its own number of samples, and perturbation compared over
    different periods would differ without any codec.

    Parameters
    ----------
    decoded, original : (n,) ndarray of float64
    start, length : int
        The part of the original, samples.

    Returns
    -------
    (length,) ndarray of float64
    """
    part = original[start : start + length]

    def likeness(delay: int) -> float:
        piece = decoded[start + delay : start + delay + length]
        return float(part @ piece / np.sqrt(piece @ piece)) if len(piece) == length else -1.0

    delay = max((d + n for d in DELAYS for n in range(-10, 11)), key=likeness)
    return decoded[start + delay : start + delay + length]


def measure_all(results: Path, data: Path, *, deciding_only: bool) -> None:
    """Measure every voice through every encoding, and append a line for each to `results`."""
    known = [json.loads(line) for line in lines_of(results)]
    done = {(row["voice"], row["encoder"], row["kbps"]) for row in known}
    start, length = int(START_S * FS_HZ), int(LENGTH_S * FS_HZ)
    with results.open("a") as file:
        for name, samples in voices(data):
            reference = measured(samples[start : start + length])
            for family, encoder, kbps, encode in encoders():
                is_asked = not deciding_only or (encoder, kbps) in DECIDING
                if (name, encoder, kbps) in done or not is_asked:
                    continue
                sound = decode_sound(RecordingFile(name, encode(samples)))
                values = measured(aligned(sound.samples, samples, start, length))
                row = {
                    "voice": name,
                    "family": family,
                    "encoder": encoder,
                    "kbps": kbps,
                    **told_by_stream(sound),
                    "change": {key: change(key, reference[key], values[key]) for key in reference},
                }
                file.write(json.dumps(row) + "\n")
                file.flush()


def told_by_stream(sound: Sound) -> Mapping[str, float]:
    assert sound.fs_hz == FS_HZ
    assert sound.stream is not None
    return {
        "stream_kbps": sound.stream.bit_rate / 1000,
        "speech_coded": sound.stream.speech_coded,
    }


def lines_of(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def change(name: str, before: float, after: float) -> float:
    """In decibels for what is in decibels, else relative."""
    return after - before if name in IN_DECIBELS else after / before - 1


def grouped(rows: list[dict[str, Any]]) -> dict[tuple[str, str, int], list[dict[str, Any]]]:
    groups = defaultdict(list)
    for row in rows:
        groups[row["family"], row["encoder"], row["kbps"]].append(row)
    return groups


def limits(rows: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """From which nominal rate on a family keeps a group of measures with all of its encoders."""
    holds: dict[tuple[str, str, int], bool] = {}
    for (family, encoder, kbps), group in grouped(rows).items():
        if encoder == EXPERIMENTAL:
            continue
        for name in (n for n in group[0]["change"] if n != "shimmer_local_db"):
            changes = np.abs([row["change"][name] for row in group])
            inside = float(np.mean(changes <= TOLERANCES[group_of(name)])) >= WITHIN
            key = family, group_of(name), kbps
            holds[key] = holds.get(key, True) and inside
    least_kbps: dict[str, dict[str, int]] = defaultdict(dict)
    for family, measure, kbps in sorted(holds, key=lambda key: -key[2]):
        higher = [holds[key] for key in holds if key[:2] == (family, measure) and key[2] >= kbps]
        if all(higher):
            least_kbps[family][measure] = kbps
    return dict(least_kbps)


def table(rows: list[dict[str, Any]]) -> str:
    """Median change and the interval that holds nine in ten of the voices."""
    n_voices = len({row["voice"] for row in rows})
    n_labelled = len(LABELLED)
    head = (
        "| encoding | voices | kbit/s of the streams | jitter % | shimmer % | HNR dB | CPPS dB |\n"
    )
    body = "".join(table_row(key, group) for key, group in sorted(grouped(rows).items()))
    return (
        f"Change of up to {n_voices} vowels ({n_labelled} labelled ones, {n_voices - n_labelled} "
        "synthesized), the median and the interval that holds nine in ten; jitter and shimmer in "
        f"percent of themselves. The limits were chosen on these voices.\n\n{head}"
        f"|---|---|---|---|---|---|---|\n{body}"
    )


def table_row(key: tuple[str, str, int], group: list[dict[str, Any]]) -> str:
    family, encoder, kbps = key
    rates = [row["stream_kbps"] for row in group]
    cells = []
    for name in SHOWN:
        scale, digits = (1, 1) if name in IN_DECIBELS else (100, 0)
        low, middle, high = scale * np.quantile(
            [row["change"][name] for row in group], [0.05, 0.5, 0.95]
        )
        cells.append(f"{middle:+.{digits}f} ({low:+.{digits}f} to {high:+.{digits}f})")
    name = f"{family}, {encoder}, {kbps}"
    return f"| {name} | {len(group)} | {min(rates):.0f}-{max(rates):.0f} | {' | '.join(cells)} |\n"


def written(card: str, content: str) -> str:
    before, rest = card.split(BEGIN)
    return f"{before}{BEGIN}\n{content}{END}{rest.split(END)[1]}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("results", type=Path)
    arguments.add_argument("--data", type=Path, default=Path("../shared/data/speech"))
    arguments.add_argument("--deciding-only", action="store_true", help="skip the other encodings")
    given = arguments.parse_args()
    measure_all(given.results, given.data, deciding_only=given.deciding_only)
    rows = [json.loads(line) for line in lines_of(given.results)]
    README.write_text(written(README.read_text(), table(rows)))
    print(json.dumps(limits(rows), indent=2))


if __name__ == "__main__":
    main()
