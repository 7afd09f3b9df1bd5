"""How subjects compare within one run: what is divided by what, and what is aimed at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.competitors import BY_HAND, DATA_LAYER, DIRECT, DRIVER, POOLED, SEED, WARM
from bench.subjects import Operation

# What a whole request may cost beside the driver that does the same job by hand, and what its data
# layer may cost beside the driver that does nothing but send the query.
TARGETS = {Operation.CREATE: 6.0, Operation.LIST: 5.0, Operation.HISTORY: 5.0}
# A shared machine makes a ratio of two least times uncertain; beyond this it is no longer noise.
GATE = 2.0


@dataclass(frozen=True)
class Ratio:
    """One subject's figure over another's, operation by operation."""

    name: str
    of: str
    to: str
    figure: str = "cpu_ms"
    targets: Mapping[Operation, float] = field(default_factory=dict)

    def values(self, client: Mapping[str, Any]) -> dict[Operation, float]:
        """Return the ratio of each operation, of those where both were measured."""
        return {
            one: client[one][self.of][self.figure] / client[one][self.to][self.figure]
            for one in Operation
            if self.of in client[one] and self.to in client[one]
        }


RATIOS = (
    Ratio("warm / same guarantees", WARM, BY_HAND, targets=TARGETS),
    Ratio("data layer / asyncpg alone", DATA_LAYER, DRIVER, targets=TARGETS),
    Ratio("data layer / same guarantees", DATA_LAYER, BY_HAND),
    Ratio("warm / asyncpg alone", WARM, DRIVER),
    Ratio("warm / seed's design", WARM, SEED),
    Ratio("NullPool / seed's design", DIRECT, SEED),
    Ratio("PgBouncer / seed's design", POOLED, SEED),
    Ratio("wall: warm / seed's design", WARM, SEED, "wall_ms"),
    Ratio("wall: NullPool / seed's design", DIRECT, SEED, "wall_ms"),
    Ratio("wall: PgBouncer / seed's design", POOLED, SEED, "wall_ms"),
)


def far_off(client: Mapping[str, Any]) -> Iterator[str]:
    """Name the ratios that miss their target by more than noise can explain."""
    for ratio in RATIOS:
        found = ratio.values(client)
        for operation, target in ratio.targets.items():
            if found[operation] > GATE * target:
                yield (
                    f"client CPU: {ratio.name}: {operation}: {found[operation]:.1f},"
                    f" target {target:.0f}, fails above {GATE * target:.0f}"
                )
