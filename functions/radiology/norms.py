"""What is measured on a chest film, and the published limits it can be held against.

Only the cardiothoracic ratio has limits, for adults standing with their back to the tube (PA); it
is a weak sign of the heart's size (areas under the curve of 0.6 to 0.7 against magnetic resonance,
Simkus 2021). Widths, areas and densities describe one film and have none.
"""

from functions.radiology.film import View
from functions.radiology.zones import LEVELS
from shared.biomarkers import Biomarker, catalog
from shared.norms import Norm, Norms, ReferenceRange

ADULT_YEARS = 18.0
SIZE, LUNGS, DENSITY = "heart size", "lungs", "density"

SOURCES = {
    "simkus-2021": "Simkus P, Gutierrez Gimeno M, Banisauskaite A, et al. (2021). Limitations of "
    "cardiothoracic ratio derived from chest radiographs to predict real heart size: comparison "
    "with magnetic resonance imaging. Insights into Imaging 12:158. "
    "doi:10.1186/s13244-021-01097-0",
}

BIOMARKERS = catalog(
    [
        Biomarker("cardiothoracic_ratio", "1", SIZE, "Width of the heart over that of the thorax"),
        Biomarker("heart_width_px", "{pixel}", SIZE, "Width of the heart on the film as sent"),
        Biomarker("thorax_width_px", "{pixel}", SIZE, "Width of the lungs' outer borders"),
        Biomarker("heart_right_px", "{pixel}", SIZE, "Heart to the right of the thorax's middle"),
        Biomarker("heart_left_px", "{pixel}", SIZE, "Heart to the left of the thorax's middle"),
        Biomarker("heart_width_mm", "mm", SIZE, "Width of the heart at the detector"),
        Biomarker("thorax_width_mm", "mm", SIZE, "Width of the thorax at the detector"),
        Biomarker("right_lung_area", "%", LUNGS, "Share of the film that the right lung covers"),
        Biomarker("left_lung_area", "%", LUNGS, "Share of the film that the left lung covers"),
        Biomarker("lung_area_ratio", "1", LUNGS, "Area of the left lung over that of the right"),
        *(
            Biomarker(
                f"{side}_{level}_opacity",
                "%",
                DENSITY,
                f"Percentile of the {level} third of the {side} lung among all lung pixels",
            )
            for side in ("right", "left")
            for level in LEVELS
        ),
        *(
            Biomarker(
                f"{level}_opacity_asymmetry",
                "%",
                DENSITY,
                f"Percentile of the {level} right third less that of the left",
            )
            for level in LEVELS
        ),
    ]
)

INDETERMINATE, ENLARGED = 0.45, 0.55

RATIO = ReferenceRange(
    low=None,
    high=0.50,
    source="simkus-2021",
    population="adults, upright, posteroanterior (PA)",
)
# The form or the file states the view; it stands for the task of a recording.
NORMS: Norms = {
    "cardiothoracic_ratio": (Norm(RATIO, min_age_years=ADULT_YEARS, task=View.PA),),
}
