"""The field: ours in each of its settings, the obvious design, the driver alone."""

from collections.abc import Mapping

from bench.by_hand import by_hand_subject
from bench.data_layer import data_layer_subject
from bench.driver import driver_subject
from bench.session import Session, pooled_url
from bench.subjects import Subject, obvious_design_subject, ours

NULLPOOL = {"MEDILENS_DATABASE_POOL": "none"}
SANDBOX = {"MEDILENS_DATABASE_POOL": "sandbox"}
PREPARED = SANDBOX | {"MEDILENS_DATABASE_PREPARED_STATEMENTS": "true"}

DIRECT = "ours, NullPool"
WARM = "ours, sandbox, prepared"
POOLED = f"{DIRECT}, PgBouncer"
DATA_LAYER = "ours, data layer"
OBVIOUS = "obvious design"
BY_HAND = "asyncpg, same guarantees"
DRIVER = "asyncpg alone"


def settings_of_ours(here: Session) -> dict[str, Mapping[str, str]]:
    """Every way in which ours is compared, by its name."""
    direct = {"MEDILENS_DATABASE_URL": here.cluster.app_url}
    subjects: dict[str, Mapping[str, str]] = {
        DIRECT: direct | NULLPOOL,
        "ours, sandbox": direct | SANDBOX,
        WARM: direct | PREPARED,
    }
    for tls in (False, True):
        if pooler := here.pooler(tls=tls):
            through = {"MEDILENS_DATABASE_URL": pooled_url(pooler)}
            suffix = "PgBouncer" + (" and TLS" if tls else "")
            subjects[f"{DIRECT}, {suffix}"] = through | NULLPOOL
            subjects[f"ours, sandbox, {suffix}"] = through | SANDBOX
    return subjects


def competitors(here: Session) -> list[Subject]:
    filled = here.assessment_id()
    superuser = here.cluster.superuser_url
    settings = settings_of_ours(here)
    return [
        *(
            ours(name, environment, here.headers(), filled)
            for name, environment in settings.items()
        ),
        data_layer_subject(DATA_LAYER, settings[WARM], filled),
        obvious_design_subject(OBVIOUS, superuser, filled),
        by_hand_subject(BY_HAND, settings[WARM], filled),
        driver_subject(DRIVER, superuser, filled),
    ]
