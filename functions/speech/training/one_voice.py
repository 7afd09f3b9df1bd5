"""Ask of every labelled recording which voice it holds, and write the table of the method card.

    python -m functions.speech.training.one_voice [--data ../shared/data/speech]

Every one of these recordings was seen when the constants were chosen: the table says how far they
lie from the limits, not how often other people would be taken for what they are not.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from functions.speech import praat
from functions.speech.course import EDGE_S, passes_of, voice_course
from functions.speech.decode import decode_sound
from functions.speech.periodicity import note_steps, simultaneous_pitches
from functions.speech.prosody import LEVEL_FLOOR_HZ
from functions.speech.quality import judge
from functions.speech.task import Task
from shared.recording import RecordingFile

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- voices: written by training/one_voice.py -->", "<!-- voices: end -->"
RECORDINGS = {
    "vowels/sustained_a.wav": Task.SUSTAINED_VOWEL,
    "vowels/sustained_e.wav": Task.SUSTAINED_VOWEL,
    "vowels/sustained_o.wav": Task.SUSTAINED_VOWEL,
    "vowels/001_a1_PCGITA.wav": Task.SUSTAINED_VOWEL,
    "svd/1-a_n.wav": Task.SUSTAINED_VOWEL,
    "svd/10-a_h.wav": Task.SUSTAINED_VOWEL,
    "svd/102-a_h.wav": Task.SUSTAINED_VOWEL,
    "svd/1006-a_h.wav": Task.SUSTAINED_VOWEL,
    "svd/1022-a_h.wav": Task.SUSTAINED_VOWEL,
    "svd/1024-a_h.wav": Task.SUSTAINED_VOWEL,
    "svd/10-phrase.wav": Task.SPEECH,
    "svd/102-phrase.wav": Task.SPEECH,
    "svd/1006-phrase.wav": Task.SPEECH,
    "vowels/001_readtext_PCGITA.wav": Task.SPEECH,
    "vowels/001_ddk1_PCGITA.wav": Task.DIADOCHOKINESIS,
    "feinberg/morph1Female.wav": Task.SPEECH,
    "feinberg/morph1Male.wav": Task.SPEECH,
    "misc/english.wav": Task.SPEECH,
    "misc/opensmile_test.wav": Task.SPEECH,
    "praat/Example_opus_audio.ogg": Task.SPEECH,
    "praat/Example_vorbis_audio.ogg": Task.SPEECH,
    "vad/test.mp3": Task.SPEECH,
    "vad/test.opus": Task.SPEECH,
}


def rows(data: Path) -> Iterator[str]:
    for name, task in RECORDINGS.items():
        sound = decode_sound(RecordingFile(name, (data / name).read_bytes()))
        course = voice_course(sound)
        level = praat.intensity_contour(course.whole, LEVEL_FLOOR_HZ)
        first_s, last_s = course.extent_s
        quality = judge(sound, course, level, task)
        share = simultaneous_pitches(sound.part(first_s, last_s), sound.fs_hz)
        snr = "silenced" if quality.silenced_rests else "no rest"
        cells = (
            f"`{name}`",
            str(task),
            f"{praat.f0_mean_hz(course.pitch):.0f}",
            f"{100 * share:.0f}",
            f"{passes_of(course).excursion_s:.2f}" if task is Task.SUSTAINED_VOWEL else "",
            str(note_steps(course.f0.within(first_s + EDGE_S, last_s - EDGE_S)))
            if task is Task.SUSTAINED_VOWEL
            else "",
            f"{quality.cepstral_peak_db:.1f}",
            snr if quality.snr_db is None else f"{quality.snr_db:.0f}",
            "yes" if quality.several_speakers else "no",
        )
        yield f"| {' | '.join(cells)} |\n"


def table(data: Path) -> str:
    head = (
        "| recording | task | F0 Hz | two pitches at once, % (limit 50) | out of range s (0.15) | "
        "steps (2) | cepstral peak dB (3) | signal to noise dB | several speakers |\n"
        "|---|---|---|---|---|---|---|---|---|\n"
    )
    note = f"All {len(RECORDINGS)} were seen when the limits were chosen."
    return f"{note}\n\n{head}{''.join(rows(data))}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, default=Path("../shared/data/speech"))
    before, rest = README.read_text().split(BEGIN)
    content = table(arguments.parse_args().data)
    README.write_text(f"{before}{BEGIN}\n{content}{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    main()
