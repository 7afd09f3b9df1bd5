"""Nobody stands out: small classes are suppressed, names replaced, dates moved.

Whoever shares age band, sex and site with fewer than four others of the cohort is left out
(k-anonymity [1]_, with k of five). Pseudonyms, and the days by which a person's dates are moved,
are made with a key of the organization that never leaves it. The days are the same in every cohort:
by different ones in many cohorts the true date could be averaged out.

References
----------
.. [1] Sweeney (2002). k-anonymity: a model for protecting privacy. Int J Uncertain Fuzz 10(5),
   557-570. doi:10.1142/S0218488502001648
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from functions.fhir.cohorts.definition import Definition
from functions.fhir.cohorts.queries import Participant
from shared.database.encryption.texts import OrganizationKeys

# The fewest people who share a class, themselves included.
MIN_CLASS_SIZE = 5
# Days that dates are moved back: less than a year, so that how old a value is stays roughly true.
MOST_DAYS = 364


@dataclass(frozen=True)
class Suppressed:
    """How many people were left out, of how many classes."""

    people: int
    classes: int


def without_small_classes(
    people: Sequence[Participant],
) -> tuple[Sequence[Participant], Suppressed]:
    """Return who is left, and what was suppressed.

    Examples
    --------
    >>> few = [Participant(UUID(int=n), "30-39", "female") for n in range(4)]
    >>> without_small_classes(few)
    ([], Suppressed(people=4, classes=1))
    """
    sizes = class_sizes(people)
    left = [person for person in people if sizes[person.age_band, person.sex] >= MIN_CLASS_SIZE]
    small = sum(size < MIN_CLASS_SIZE for size in sizes.values())
    return left, Suppressed(len(people) - len(left), small)


def class_sizes(people: Iterable[Participant]) -> Counter[tuple[str, str]]:
    """Count people by what they could be told apart by; the site is that of all of them."""
    return Counter((person.age_band, person.sex) for person in people)


@dataclass(frozen=True)
class Disguise:
    """What people, assessments and dates are called in one cohort."""

    keys: OrganizationKeys
    definition: Definition

    def name(self, key: UUID) -> str:
        """Return what an id is called in this cohort, and in no other."""
        return self.keys.token("cohort", self.definition.hash, str(key)).hex()

    def day(self, person: UUID, moment: datetime) -> date:
        """Return the day of a moment, moved as all of the person's are."""
        token = self.keys.token("cohort-days", str(person))
        days = 1 + int.from_bytes(token[:8]) % MOST_DAYS
        return moment.date() - timedelta(days=days)
