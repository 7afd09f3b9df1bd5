"""What a version adds to the schedule: steps that its jobs take, and the jobs themselves.

The functions' role calls no function of upkeep. It calls `medilens.work(step, told)` with a sealed
request of the schedule, and that calls what a migration wrote for the step, as `medilens_upkeep`:
grant the function to that role alone.
"""


def step(name: str, call: str) -> str:
    """Return the statement that adds a step: a SELECT of jsonb, where `$1` is what was told."""
    return f"INSERT INTO medilens.steps VALUES ('{name}', {_literal(call)})"


def forget_step(name: str) -> str:
    return f"DELETE FROM medilens.steps WHERE name = '{name}'"


def job(name: str, every: str) -> str:
    """Return the statement that adds a job, which is late when it has not succeeded for so long.

    `every` is an interval of Postgres, such as `1 day`, as template.yaml and vercel.json have it.
    """
    return f"INSERT INTO medilens.jobs (name, every) VALUES ('{name}', '{every}')"


def forget_job(name: str) -> str:
    return f"DELETE FROM medilens.jobs WHERE name = '{name}'"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
