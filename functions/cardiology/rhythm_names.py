"""The words for rhythms: each says what was seen, and "possible" where more is needed to know."""

from enum import StrEnum

from functions.cardiology.conduction import Block


class RhythmName(StrEnum):
    SINUS = "sinus rhythm"
    SINUS_BRADYCARDIA = "sinus bradycardia"
    SINUS_TACHYCARDIA = "sinus tachycardia"
    NO_P_WAVES = "regular rhythm without visible P waves"
    SLOW_NO_P_WAVES = "slow regular rhythm without visible P waves"
    FAST_NO_P_WAVES = "fast regular rhythm without visible P waves"
    FAST_STEADY = "fast steady rhythm, flutter with 2:1 conduction possible"
    IRREGULAR = "irregular rhythm without clear P waves"
    FIBRILLATION = "irregular rhythm, atrial fibrillation or flutter possible"
    FLUTTER = "atrial flutter possible"
    SECOND_DEGREE = "second-degree AV block possible"
    COMPLETE_BLOCK = "complete AV block possible"
    DISSOCIATION = "AV dissociation possible"
    VENTRICULAR = "run of ventricular beats"
    PACED = "paced rhythm"
    UNDETERMINED = "undetermined"


SINUS_NAMES = (RhythmName.SINUS, RhythmName.SINUS_BRADYCARDIA, RhythmName.SINUS_TACHYCARDIA)
NAMES_WITHOUT_P = (
    RhythmName.NO_P_WAVES, RhythmName.SLOW_NO_P_WAVES, RhythmName.FAST_NO_P_WAVES
)  # fmt: skip

BLOCK_NAMES = {
    Block.SECOND_DEGREE: RhythmName.SECOND_DEGREE,
    Block.WENCKEBACH: RhythmName.SECOND_DEGREE,
    Block.MOBITZ: RhythmName.SECOND_DEGREE,
    Block.TWO_TO_ONE: RhythmName.SECOND_DEGREE,
    Block.COMPLETE: RhythmName.COMPLETE_BLOCK,
    Block.DISSOCIATION: RhythmName.DISSOCIATION,
}

# A few beats at the edge of these, or ectopic ones within, belong to them.
LASTING = (
    RhythmName.FIBRILLATION,
    RhythmName.PACED,
    RhythmName.FLUTTER,
    RhythmName.SECOND_DEGREE,
    RhythmName.COMPLETE_BLOCK,
    RhythmName.DISSOCIATION,
)
