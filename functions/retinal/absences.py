"""Why a biomarker is absent."""

from functions.retinal.eyeground import Eyeground
from shared.record import Absence

NO_VEINS = (
    "Arterioles and venules are not told apart: no labels with a license that lets a model be "
    "published were in reach."
)
NO_CUP = "The cup is not outlined: its depth is not in a single photo."
NO_MICROANEURYSMS = (
    "Microaneurysms are not counted: on photos of this resolution the network marks as many in "
    "eyes without retinopathy as in many eyes of grade 1."
)
NO_FOVEA = "The fovea was not placed: the optic disc was not found, or lies where no eye is told."
NO_FINDINGS = (
    "No finding is named: no model of the operator is installed, and MediLens ships none that "
    "names a disease (docs/models.md)."
)
NO_DISC = "No optic disc was found in the field of view."
TOO_FEW = "Fewer than six vessels cross zone B, half a disc diameter to one from the disc's margin."
NO_VESSELS = "No stretch of vessel is long enough."


def absences(ground: Eyeground, missing: set[str]) -> tuple[Absence, ...]:
    """Give the reason for each biomarker without a value."""
    no_disc = ground.anatomy.disc is None
    reasons = {
        "av_ratio": ("no-model", NO_VEINS),
        "vcdr": ("no-model", NO_CUP),
        "microaneurysm_count": ("no-model", NO_MICROANEURYSMS),
        "macular_exudate_area": ("not-found", NO_FOVEA),
        "edema_risk": ("not-found", NO_FOVEA),
        "disc_diameter": ("not-found", NO_DISC),
        "caliber_equivalent": ("not-found", NO_DISC) if no_disc else ("too-few-vessels", TOO_FEW),
        "tortuosity_index": ("too-few-vessels", NO_VESSELS),
        "fractal_dimension": ("too-few-vessels", NO_VESSELS),
    }
    unnamed = (Absence("findings", "no-model", NO_FINDINGS),) if ground.findings is None else ()
    return (*(Absence(name, *reasons[name]) for name in sorted(missing)), *unnamed)
