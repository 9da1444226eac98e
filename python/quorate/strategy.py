"""Strategies: with which probability each quorum is chosen, and what that costs."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Union

from .expressions import Node, exact

if TYPE_CHECKING:
    from .system import System

Fractions = Union[int, float, Fraction, Mapping[Any, Any]]
"""A read fraction, or a distribution of them with weights."""

Sigma = dict[frozenset, Fraction]


def shares(read_fraction: Fractions | None, write_fraction: Fractions | None) -> dict[Fraction, Fraction] | None:
    """A distribution of read fractions whose weights add up to 1; `None` where nothing was said.

    >>> shares({0.25: 1, 0.75: 3}, None)
    {Fraction(1, 4): Fraction(1, 4), Fraction(3, 4): Fraction(3, 4)}
    >>> shares(None, 1)
    {Fraction(0, 1): Fraction(1, 1)}
    """
    if read_fraction is not None and write_fraction is not None:
        raise ValueError("Only one of read_fraction and write_fraction can be given")
    given = read_fraction if read_fraction is not None else write_fraction
    if given is None:
        return None
    weights = dict(given) if isinstance(given, Mapping) else {given: 1}
    found: dict[Fraction, Fraction] = {}
    for fraction, weight in weights.items():
        share, weight = exact(fraction), exact(weight)
        if not 0 <= share <= 1 or weight < 0:
            raise ValueError("fractions are between 0 and 1, and weights not negative")
        share = share if read_fraction is not None else 1 - share
        if weight:
            found[share] = found.get(share, Fraction(0)) + weight
    total = sum(found.values())
    if not total:
        raise ValueError("a distribution needs a weight that is not 0")
    return {share: weight / total for share, weight in found.items()}


class Strategy:
    """Read and write quorums with their probabilities, exactly where the optimum was certified.

    >>> from quorate import Node, System
    >>> a, b, c, d = map(Node, "abcd")
    >>> strategy = System(reads=a*b + c*d).strategy(read_fraction=1)
    >>> strategy.load(read_fraction=1), strategy.node_load("a", read_fraction=1)
    (Fraction(1, 2), Fraction(1, 2))
    """

    def __init__(self, system: System, sigma_r: Mapping, sigma_w: Mapping) -> None:
        self.qs = system
        self.sigma_r = _normalised(sigma_r)
        self.sigma_w = _normalised(sigma_w)
        self._uses = (_uses(self.sigma_r), _uses(self.sigma_w))

    @property
    def reads(self) -> Sigma:
        """The read quorums with their probabilities."""
        return dict(self.sigma_r)

    @property
    def writes(self) -> Sigma:
        """The write quorums with their probabilities."""
        return dict(self.sigma_w)

    def quorum_system(self) -> System:
        """The system."""
        return self.qs

    def get_read_quorum(self, random: random.Random | None = None) -> set[Any]:
        """A read quorum, drawn."""
        return _drawn(self.sigma_r, random)

    def get_write_quorum(self, random: random.Random | None = None) -> set[Any]:
        """A write quorum, drawn."""
        return _drawn(self.sigma_w, random)

    def node(self, x: Any) -> Node:
        """The node of this name."""
        return self.qs.node(x)

    def nodes(self) -> set[Node]:
        """The nodes of the system."""
        return self.qs.nodes()

    def _shares(self, read_fraction: Fractions | None, write_fraction: Fractions | None) -> dict[Fraction, Fraction]:
        return shares(read_fraction, write_fraction) or self.qs.workload

    def _node_load(self, node: Node, share: Fraction) -> Fraction:
        reads, writes = (uses.get(node.x, Fraction(0)) for uses in self._uses)
        return share * reads / exact(node.read_capacity) + (1 - share) * writes / exact(node.write_capacity)

    def _load(self, share: Fraction) -> Fraction:
        return max(self._node_load(node, share) for node in self.qs.nodes())

    def load(self, read_fraction: Fractions | None = None, write_fraction: Fractions | None = None) -> Fraction:
        """The load of the busiest node, averaged over the read fractions; those of the definition where none is given."""
        return sum((weight * self._load(share) for share, weight in self._shares(read_fraction, write_fraction).items()), Fraction(0))

    def capacity(self, read_fraction: Fractions | None = None, write_fraction: Fractions | None = None) -> Fraction:
        """Operations per second that the busiest node allows (per time of one operation where no capacities are given)."""
        given = self._shares(read_fraction, write_fraction).items()
        return sum((weight / self._load(share) for share, weight in given), Fraction(0))

    def network_load(self, read_fraction: Fractions | None = None, write_fraction: Fractions | None = None) -> Fraction:
        """The expected number of nodes that an operation contacts."""
        share = _mean(self._shares(read_fraction, write_fraction))
        reads, writes = (sum((p * len(quorum) for quorum, p in sigma.items()), Fraction(0)) for sigma in (self.sigma_r, self.sigma_w))
        return share * reads + (1 - share) * writes

    network = network_load

    def latency_ms(self, read_fraction: Fractions | None = None, write_fraction: Fractions | None = None) -> Fraction:
        """The expected time in milliseconds until the answers of the nodes that are contacted contain a quorum."""
        share = _mean(self._shares(read_fraction, write_fraction))
        sides = ((self.sigma_r, self.qs.is_read_quorum, share), (self.sigma_w, self.qs.is_write_quorum, 1 - share))
        return sum((part * p * self._time(quorum, answers) for sigma, answers, part in sides if part for quorum, p in sigma.items()), Fraction(0))

    def latency(self, read_fraction: Fractions | None = None, write_fraction: Fractions | None = None) -> datetime.timedelta:
        """The same as a `timedelta`, to the microsecond."""
        return datetime.timedelta(milliseconds=float(self.latency_ms(read_fraction, write_fraction)))

    def _time(self, quorum: frozenset, is_quorum) -> Fraction:
        times = sorted((self.qs.node_latency_ms(x), str(x), x) for x in quorum)
        answered: set[Any] = set()
        for time, _, x in times:
            answered.add(x)
            if is_quorum(answered):
                return time
        raise ValueError("a strategy draws quorums only")

    def node_load(self, node: Node | Any, read_fraction: Fractions | None = None, write_fraction: Fractions | None = None) -> Fraction:
        """The load of one node."""
        node = self.qs.node(node)
        given = self._shares(read_fraction, write_fraction).items()
        return sum((weight * self._node_load(node, share) for share, weight in given), Fraction(0))

    def node_utilization(self, node: Node | Any, read_fraction: Fractions | None = None, write_fraction: Fractions | None = None) -> Fraction:
        """The load of one node as a share of that of the busiest."""
        node = self.qs.node(node)
        given = self._shares(read_fraction, write_fraction).items()
        return sum((weight * self._node_load(node, share) / self._load(share) for share, weight in given), Fraction(0))

    def node_throughput(self, node: Node | Any, read_fraction: Fractions | None = None, write_fraction: Fractions | None = None) -> Fraction:
        """Operations per second that one node takes part in when the system is at its capacity."""
        node = self.qs.node(node)
        reads, writes = (uses.get(node.x, Fraction(0)) for uses in self._uses)
        given = self._shares(read_fraction, write_fraction).items()
        return sum((weight / self._load(share) * (share * reads + (1 - share) * writes) for share, weight in given), Fraction(0))

    def __repr__(self) -> str:
        def side(sigma):
            return "{" + ", ".join(f"{tuple(sorted(map(str, quorum)))}: {p}" for quorum, p in sigma.items()) + "}"

        return f"Strategy(reads={side(self.sigma_r)}, writes={side(self.sigma_w)})"

    def _repr_html_(self) -> str:
        import html

        rows = "".join(
            f"<tr><td>{kind}</td><td>{html.escape(', '.join(sorted(map(str, quorum))))}</td><td>{p}</td></tr>"
            for kind, sigma in (("read", self.sigma_r), ("write", self.sigma_w)) for quorum, p in sigma.items()
        )
        return f"<table><thead><tr><th>kind</th><th>quorum</th><th>probability</th></tr></thead><tbody>{rows}</tbody></table>"


def _normalised(sigma: Mapping) -> Sigma:
    weights = {frozenset(quorum): exact(weight) for quorum, weight in sigma.items()}
    total = sum(weights.values())
    return {quorum: weight / total for quorum, weight in weights.items() if weight}


def _uses(sigma: Sigma) -> dict[Any, Fraction]:
    uses: dict[Any, Fraction] = {}
    for quorum, probability in sigma.items():
        for x in quorum:
            uses[x] = uses.get(x, Fraction(0)) + probability
    return uses


def _drawn(sigma: Sigma, chance: random.Random | None) -> set[Any]:
    choices = random.choices if chance is None else chance.choices
    return set(choices(list(sigma), weights=[float(p) for p in sigma.values()])[0])


def _mean(distribution: dict[Fraction, Fraction]) -> Fraction:
    return sum((share * weight for share, weight in distribution.items()), Fraction(0))


def uniform(quorums: Iterable[Iterable[Any]]) -> Sigma:
    """Every one of these quorums alike."""
    sets = {frozenset(quorum) for quorum in quorums}
    minimal = [one for one in sets if not any(other < one for other in sets)]
    return {quorum: Fraction(1, len(minimal)) for quorum in minimal}
