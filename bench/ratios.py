"""How subjects compare within one run: what is divided by what, and what is aimed at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.competitors import BY_HAND, DATA_LAYER, DIRECT, DRIVER, OBVIOUS, POOLED, WARM
from bench.subjects import Operation

# What a whole request may cost beside the driver that does the same job by hand.
REQUEST_TARGETS = {Operation.CREATE: 6.0, Operation.LIST: 5.0, Operation.HISTORY: 5.0}
# What its data layer may cost beside the driver that does nothing but send the query.
DATA_LAYER_TARGETS = {Operation.CREATE: 6.0, Operation.LIST: 5.0, Operation.HISTORY: 5.0}
# A shared machine makes a ratio of two least times uncertain; beyond this it is no longer noise.
GATE = 2.0
# What the driver alone takes is a fifth of a millisecond, of which noise is a larger part.
DRIVER_GATE = 3.0


@dataclass(frozen=True)
class Ratio:
    """One subject's figure over another's, operation by operation."""

    name: str
    of: str
    to: str
    figure: str = "cpu_ms"
    targets: Mapping[Operation, float] = field(default_factory=dict)
    gate: float = GATE

    def values(self, client: Mapping[str, Any]) -> dict[Operation, float]:
        """Return the ratio of each operation, of those where both were measured."""
        return {
            operation: client[operation][self.of][self.figure]
            / client[operation][self.to][self.figure]
            for operation in Operation
            if self.of in client[operation] and self.to in client[operation]
        }


RATIOS = (
    Ratio("warm / same guarantees", WARM, BY_HAND, targets=REQUEST_TARGETS),
    Ratio(f"data layer / {DRIVER}", DATA_LAYER, DRIVER, "cpu_ms", DATA_LAYER_TARGETS, DRIVER_GATE),
    Ratio("data layer / same guarantees", DATA_LAYER, BY_HAND),
    Ratio(f"warm / {DRIVER}", WARM, DRIVER),
    Ratio(f"warm / {OBVIOUS}", WARM, OBVIOUS),
    Ratio(f"NullPool / {OBVIOUS}", DIRECT, OBVIOUS),
    Ratio(f"PgBouncer / {OBVIOUS}", POOLED, OBVIOUS),
    Ratio(f"wall: warm / {OBVIOUS}", WARM, OBVIOUS, "wall_ms"),
    Ratio(f"wall: NullPool / {OBVIOUS}", DIRECT, OBVIOUS, "wall_ms"),
    Ratio(f"wall: PgBouncer / {OBVIOUS}", POOLED, OBVIOUS, "wall_ms"),
)


def far_off(client: Mapping[str, Any]) -> Iterator[str]:
    """Name the ratios that miss their target by more than noise can explain."""
    for ratio in RATIOS:
        values = ratio.values(client)
        for operation, target in ratio.targets.items():
            if values[operation] > ratio.gate * target:
                yield (
                    f"client CPU: {ratio.name}: {operation}: {values[operation]:.1f},"
                    f" target {target:.0f}, fails above {ratio.gate * target:.0f}"
                )
