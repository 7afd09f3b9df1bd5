"""What is measured of a lesion, and the published limits it can be held against.

Only the total dermoscopy score has limits. Its parts have none of their own, areas and diameters
have none at all, and how a lesion should change between two visits is nobody's norm.
"""

from functions.dermatology.dermoscopy import HIGHLY_SUSPICIOUS_ABOVE, SUSPICIOUS_FROM
from shared.biomarkers import Biomarker, catalog
from shared.norms import Norm, Norms, ReferenceRange

SOURCES = {
    "nachbar-1994": "Nachbar F, Stolz W, Merkle T, et al. (1994). The ABCD rule of dermatoscopy. "
    "High prospective value in the diagnosis of doubtful melanocytic skin lesions. "
    "doi:10.1016/S0190-9622(94)70061-3",
    "ahnlide-2016": "Ahnlide I, Bjellerup M, Nilsson F, Nielsen K (2016). Validity of ABCD rule of "
    "dermoscopy in clinical practice. doi:10.2340/00015555-2239",
    "friedman-1985": "Friedman RJ, Rigel DS, Kopf AW (1985). Early detection of malignant "
    "melanoma. doi:10.3322/canjclin.35.3.130",
    "abbasi-2004": "Abbasi NR, Shaw HM, Rigel DS, et al. (2004). Early diagnosis of cutaneous "
    "melanoma: revisiting the ABCD criteria. doi:10.1001/jama.292.22.2771",
}

BIOMARKERS = catalog(
    [
        Biomarker("lesion_area", "{pixel}", "size", "Pixels of the picture as it was sent"),
        Biomarker("lesion_diameter", "{pixel}", "size", "Longest extent of the outline"),
        Biomarker("lesion_area_mm2", "mm2", "size", "Area at a known scale"),
        Biomarker("lesion_diameter_mm", "mm", "size", "Longest extent at a known scale"),
        Biomarker("asymmetry_index_first", "1", "asymmetry", "Shape, across the better axis"),
        Biomarker("asymmetry_index_second", "1", "asymmetry", "Shape, across the other axis"),
        Biomarker("color_asymmetry_first", "1", "asymmetry", "Color, across the better axis"),
        Biomarker("color_asymmetry_second", "1", "asymmetry", "Color, across the other axis"),
        Biomarker("asymmetry_score", "{score}", "asymmetry", "Axes with asymmetry, 0-2"),
        Biomarker("border_score", "{score}", "border", "Sectors that end abruptly, 0-8"),
        Biomarker("compactness", "1", "border", "Squared outline over 4 pi area: 1 is a circle"),
        Biomarker("color_count", "{count}", "color", "Of six named colors of at least 3 %"),
        Biomarker("structure_count", "{count}", "structure", "Of five dermoscopic structures"),
        Biomarker("total_dermoscopy_score", "{score}", "score", "1.3 A + 0.1 B + 0.5 C + 0.5 D"),
        Biomarker("lesion_area_ratio", "1", "evolution", "Area now over area then"),
        Biomarker("lesion_color_shift", "1", "evolution", "Color now against then, CIE 1976"),
    ]
)

NORMS: Norms = {
    "total_dermoscopy_score": [
        Norm(
            ReferenceRange(
                low=None,
                high=SUSPICIOUS_FROM,
                source="nachbar-1994",
                population="172 melanocytic lesions under a dermatoscope",
                critical_high=HIGHLY_SUSPICIOUS_ABOVE,
            )
        )
    ]
}
