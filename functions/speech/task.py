"""What a person was asked to do."""

from enum import StrEnum


class Task(StrEnum):
    """What the person was asked to do; it decides what may be measured."""

    SUSTAINED_VOWEL = "sustained_vowel"  # one /a/ at a comfortable pitch, for three seconds or more
    SPEECH = "speech"  # reading aloud or talking
    CORNER_VOWELS = "corner_vowels"  # /a/, /i/ and /u/, each held, with a rest between them
    DIADOCHOKINESIS = "diadochokinesis"  # /pa/, /ta/, /ka/ or /pataka/ as fast as possible
