from shared.schemas import Answer


class JobReport(Answer):
    """What a job changed; nothing, where all was done already."""

    job: str
    changed: list[str]
