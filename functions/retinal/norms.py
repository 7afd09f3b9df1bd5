"""What is measured on a fundus photo, and the ranges it can be held against."""

from shared.biomarkers import Biomarker, catalog
from shared.norms import Norms

SOURCES = {
    "wilkinson-2003": "Wilkinson CP et al. (2003). Proposed international clinical diabetic "
    "retinopathy and diabetic macular edema disease severity scales. "
    "doi:10.1016/S0161-6420(03)00475-5",
    "knudtson-2003": "Knudtson MD et al. (2003). Revised formulas for summarizing retinal vessel "
    "diameters. doi:10.1076/ceyr.27.3.143.16049",
    "budai-2013": "Budai A et al. (2013). Robust vessel segmentation in fundus images. "
    "doi:10.1155/2013/154860",
    "porwal-2018": "Porwal P et al. (2018). Indian Diabetic Retinopathy Image Dataset (IDRiD). "
    "doi:10.3390/data3030025",
}

BIOMARKERS = catalog(
    [
        Biomarker("vessel_density", "%", "vessels", "Share of the field that is vessel"),
        Biomarker("fractal_dimension", "1", "vessels", "Box-counting dimension of the vessel mask"),
        Biomarker("tortuosity_index", "1", "vessels", "Arc over chord less one, by length"),
        Biomarker("branching_count", "{count}", "vessels", "Branch points of the center lines"),
        Biomarker(
            "caliber_equivalent",
            "%",
            "vessels",
            "Six widest vessels of zone B by Knudtson, of the disc's diameter; no artery or vein",
        ),
        Biomarker("av_ratio", "1", "vessels", "Caliber of arterioles over that of venules"),
        Biomarker("disc_diameter", "{pixel}", "disc", "Diameter of a circle of the disc's area"),
        Biomarker("vcdr", "1", "disc", "Height of the cup over that of the disc"),
        Biomarker("microaneurysm_count", "{count}", "lesions", "Candidates of microaneurysms"),
        Biomarker("hemorrhage_count", "{count}", "lesions", "Candidates of hemorrhages"),
        Biomarker("hard_exudate_area", "%", "lesions", "Share of the field that is hard exudate"),
        Biomarker(
            "referable_dr_probability",
            "1",
            "screening",
            "Probability of diabetic retinopathy of grade 2 or more",
        ),
        Biomarker(
            "macular_exudate_area",
            "%",
            "lesions",
            "Hard exudate within a disc diameter of the fovea, share of the field",
        ),
        Biomarker(
            "edema_risk",
            "{score}",
            "lesions",
            "Risk of macular edema by hard exudate: 0 none, 1 elsewhere, 2 near the fovea",
        ),
    ]
)

# Vessel figures depend on camera, field angle and network: published ranges do not carry over.
NORMS: Norms = {}
