"""The field: ours in each of its settings, the obvious design, the driver alone."""

from collections.abc import Mapping

from bench.driver import driver_subject
from bench.session import Session, pooled_url
from bench.subjects import Subject, ours, seed_design_subject

NULLPOOL = {"MEDILENS_DATABASE_POOL": "none"}
SANDBOX = {"MEDILENS_DATABASE_POOL": "sandbox"}
PREPARED = SANDBOX | {"MEDILENS_DATABASE_PREPARED_STATEMENTS": "true"}

DIRECT = "ours, NullPool"
WARM = "ours, sandbox, prepared"
SEED = "seed's design"
DRIVER = "asyncpg alone"


def settings_of_ours(here: Session) -> dict[str, Mapping[str, str]]:
    """Every way in which ours is compared, by its name."""
    direct = {"MEDILENS_DATABASE_URL": here.cluster.app_url}
    found: dict[str, Mapping[str, str]] = {
        DIRECT: direct | NULLPOOL,
        "ours, sandbox": direct | SANDBOX,
        WARM: direct | PREPARED,
    }
    for tls in (False, True):
        if pooler := here.pooler(tls=tls):
            through = {"MEDILENS_DATABASE_URL": pooled_url(pooler)}
            suffix = "PgBouncer" + (" and TLS" if tls else "")
            found[f"{DIRECT}, {suffix}"] = through | NULLPOOL
            found[f"ours, sandbox, {suffix}"] = through | SANDBOX
    return found


def competitors(here: Session) -> list[Subject]:
    filled = here.assessment_id()
    superuser = here.cluster.superuser_url
    return [
        *(
            ours(name, environment, here.headers(), filled)
            for name, environment in settings_of_ours(here).items()
        ),
        seed_design_subject(superuser, filled),
        driver_subject(superuser, filled),
    ]
