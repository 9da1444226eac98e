"""Quorum systems, and the questions about one of them."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from . import _quorate
from .errors import NoStrategyFoundError
from .expressions import Expr, Milliseconds, Node, exact, milliseconds
from .strategy import Fractions, Strategy, shares, uniform
from .tables import Table

# Characters of an expression that is the name of its system.
_NAME_MAX = 48

# Minimal quorums that are listed at most where nobody says how many.
_QUORUMS_MAX = 1_000_000


class FailureProbability(float):
    """The probability that reads or writes are impossible; with that of each, and how it is known.

    Of probabilities below the smallest number of floating point, the attributes are `decimal.Decimal` and the number itself 0.0.
    """

    read: float | Decimal | None
    write: float | Decimal | None
    system: float | Decimal | None
    total: float | Decimal | None
    method: str
    interval: tuple[float, float] | None

    def __new__(cls, answer: Mapping[str, Any]) -> FailureProbability:
        four = {name: _probability(answer[name]) for name in ("read", "write", "system", "total")}
        self = super().__new__(cls, float("nan") if four["system"] is None else float(four["system"]))
        self.__dict__.update(four, method=answer["method"], interval=answer["interval"])
        return self

    def __reduce__(self):
        return _plain, (dict(self.__dict__),)


def _plain(attributes: dict[str, Any]) -> FailureProbability:
    four = {name: None if value is None else (None if isinstance(value, Decimal) else value, str(value))
            for name, value in attributes.items() if name not in ("method", "interval")}
    return FailureProbability({**four, "method": attributes["method"], "interval": attributes["interval"]})


def _probability(pair: tuple[float | None, str] | None) -> float | Decimal | None:
    if pair is None:
        return None
    value, text = pair
    return Decimal(text) if value is None else value


class System:
    """Read quorums and write quorums over nodes.

    Made of expressions over nodes (where one kind is missing, it is the dual of the other), of a definition in TOML
    (`System.parse`), of a file (`System.read`; also a configuration file that `quorate import` understands), or by a
    function of `quorate.families`.

    >>> a, b, c, d, e = map(Node, "abcde")
    >>> system = System(reads=a*b + c*d*e)
    >>> system.resilience(), system.load(read_fraction=1), system.capacity(read_fraction=1)
    (1, Fraction(1, 2), Fraction(2, 1))
    """

    def __init__(
        self,
        reads: Expr | None = None,
        writes: Expr | None = None,
        *,
        name: str | None = None,
        description: str | None = None,
        read_fraction: Fractions | None = None,
    ) -> None:
        if reads is None and writes is None:
            raise ValueError("A QuorumSystem must be instantiated with a set of read quorums or a set of write quorums")
        self.reads: Expr | None = reads if reads is not None else writes.dual()  # type: ignore[union-attr]
        self.writes: Expr | None = writes if writes is not None else reads.dual()  # type: ignore[union-attr]
        text = _definition(self.reads, self.writes if writes is not None else None, name, description, read_fraction, flipped=reads is None)
        nodes = {node.name: node for side in (self.reads, self.writes) for node in side._leaves()}
        self._of(_quorate.Definition(text.encode(), "-", {}), nodes)

    def _of(self, definition: _quorate.Definition, nodes: dict[str, Node] | None = None) -> None:
        self._definition = definition
        self._given = nodes

    @classmethod
    def parse(cls, toml: str | bytes, file: str = "-") -> System:
        """The system of a definition; `file` is what errors and answers call it.

        >>> System.parse('''
        ... name = "five"
        ... [system]
        ... family = "majority"
        ... n = 5
        ... ''').load()
        Fraction(3, 5)
        """
        text = toml.encode() if isinstance(toml, str) else toml
        return cls._made(_quorate.Definition(text, file, None))

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> System:
        """The system of a file, and of the files that it names."""
        file = os.fspath(path)
        with open(file, "rb") as opened:
            return cls._made(_quorate.Definition(opened.read(), file, None))

    @classmethod
    def _made(cls, definition: _quorate.Definition) -> System:
        system = System.__new__(System)
        system.reads = system.writes = None
        system._of(definition)
        return system

    # What it is.

    @property
    def name(self) -> str:
        """What it is called."""
        return self._definition.name

    @property
    def description(self) -> str | None:
        """One sentence about it."""
        return self._definition.description

    @property
    def family(self) -> str:
        """Where its quorums come from; `custom` for expressions."""
        return self._definition.family

    @property
    def file(self) -> str:
        """What answers call its file."""
        return self._definition.file

    @property
    def toml(self) -> str:
        """Its definition, which `System.parse` reads."""
        return self._definition.text.decode(errors="replace")

    @cached_property
    def workload(self) -> dict[Fraction, Fraction]:
        """The read fractions that it is asked about where a question gives none, with weights that add up to 1."""
        return shares(dict(self._definition.workload), None) or {}

    @cached_property
    def _by_name(self) -> dict[str, Node]:
        known = self._given or {}
        found = {}
        for node in self._definition.nodes():
            name, zones = node["name"], node["zones"]
            capacities = {key: node[key] for key in ("read_capacity", "write_capacity") if node["has_capacity"]}
            found[name] = known.get(name) or Node(
                name,
                **capacities,
                latency=node["latency_ms"],
                failure_probability=node["failure_probability"],
                zone=zones[0] if zones else None,
            )
        return found

    @cached_property
    def _by_x(self) -> dict[Any, Node]:
        return {node.x: node for node in self._by_name.values()}

    def nodes(self) -> set[Node]:
        """Its nodes."""
        return set(self._by_name.values())

    def elements(self) -> set[Any]:
        """What its nodes are called."""
        return set(self._by_x)

    def node(self, x: Node | Any) -> Node:
        """The node of this name."""
        return self._by_x[x.x if isinstance(x, Node) else x]

    def node_latency_ms(self, x: Node | Any) -> Fraction:
        """The time that a node takes to answer, in milliseconds."""
        latency = self.node(x).latency
        if latency is None:
            raise ValueError(f"node {self.node(x).name} has no latency")
        return exact(milliseconds(latency))

    # Quorums.

    def _quorums(self, kind: str, most: int | None) -> Iterator[set[Any]]:
        listed, is_complete = self._definition.quorums(kind, _QUORUMS_MAX if most is None else most)
        if most is None and not is_complete:
            raise ValueError(f"there are more than {_QUORUMS_MAX:,} {kind} quorums: say how many you want")
        return iter([{self._by_name[name].x for name in quorum} for quorum in listed])

    def read_quorums(self, most: int | None = None) -> Iterator[set[Any]]:
        """The minimal read quorums, the first `most` of them.

        >>> a, b, c, d = map(Node, "abcd")
        >>> [sorted(quorum) for quorum in System(reads=a*b + c*d).read_quorums()]
        [['a', 'b'], ['c', 'd']]
        """
        return self._quorums("read", most)

    def write_quorums(self, most: int | None = None) -> Iterator[set[Any]]:
        """The minimal write quorums, the first `most` of them."""
        return self._quorums("write", most)

    def _is_quorum(self, kind: str, xs: Iterable[Any]) -> bool:
        names = (self._by_x.get(x.x if isinstance(x, Node) else x) for x in xs)
        return self._definition.is_quorum(kind, [node.name for node in names if node is not None])

    def is_read_quorum(self, xs: Iterable[Any]) -> bool:
        """Whether these nodes contain a read quorum."""
        return self._is_quorum("read", xs)

    def is_write_quorum(self, xs: Iterable[Any]) -> bool:
        """Whether these nodes contain a write quorum."""
        return self._is_quorum("write", xs)

    def dual(self) -> System:
        """The system whose read quorums are the writes of this one's expressions, and the other way round."""
        if self.reads is None or self.writes is None:
            raise ValueError("the dual of a definition is not known as expressions")
        return type(self)(reads=self.reads.dual(), writes=self.writes.dual())

    # Failures.

    def _resilience(self) -> tuple[int, int]:
        found = self._definition.resilience()
        if None in found:
            raise ValueError("the resilience is not settled within the limits")
        return found  # type: ignore[return-value]

    def resilience(self) -> int:
        """How many nodes may fail, whichever they are, so that reads and writes go on."""
        return min(self._resilience())

    def read_resilience(self) -> int:
        """How many nodes may fail so that reads go on."""
        return self._resilience()[0]

    def write_resilience(self) -> int:
        """How many nodes may fail so that writes go on."""
        return self._resilience()[1]

    def failure_probability(self, p: float) -> FailureProbability:
        """How probable it is that no read or no write quorum is alive, when every node fails with probability `p`.

        >>> a, b, c = map(Node, "abc")
        >>> found = System(reads=a*b + b*c + a*c).failure_probability(0.1)
        >>> round(found, 6), round(found.read, 6), found.method
        (0.028, 0.028, 'exact')
        """
        return FailureProbability(self._definition.failure_probability(float(p)))

    # Strategies.

    def _best(self, objective: str, limits: tuple, read_fraction, write_fraction, f: int) -> dict[str, Any]:
        if objective not in ("load", "network", "latency"):
            raise ValueError("optimize must be one of load, network, or latency")
        if f < 0:
            raise ValueError("f must be >= 0")
        for quantity, limit in zip(("load", "network", "latency"), limits):
            if quantity == objective and limit is not None:
                raise ValueError(f"a {quantity} limit cannot be set when optimizing for {quantity}")
        load, network, latency = limits
        given = shares(read_fraction, write_fraction)
        distribution = None if given is None else [(float(share), float(weight)) for share, weight in given.items()]
        numbers = (None if load is None else float(load), None if network is None else float(network),
                   None if latency is None else milliseconds(latency))
        return self._definition.best(objective, distribution, numbers, f)

    def strategy(
        self,
        optimize: str = "load",
        load_limit: float | None = None,
        network_limit: float | None = None,
        latency_limit: Milliseconds | None = None,
        read_fraction: Fractions | None = None,
        write_fraction: Fractions | None = None,
        f: int = 0,
    ) -> Strategy:
        """The best strategy for `load`, `network` or `latency` within limits, of quorums that survive `f` failures.

        `read_fraction` is one, or a distribution `{fraction: weight}`; without it, the workload of the definition counts.

        >>> a, b, c, d = map(Node, "abcd")
        >>> System(reads=a*b + c*d).strategy(read_fraction=1)
        Strategy(reads={('a', 'b'): 1/2, ('c', 'd'): 1/2}, writes={})

        Raises `NoStrategyFoundError` where no strategy keeps the limits.
        """
        found = self._best(optimize, (load_limit, network_limit, latency_limit), read_fraction, write_fraction, f)
        if found["reads"] is None:
            raise NoStrategyFoundError("the quorums of the best strategy are too many to list; its value is known all the same")
        return Strategy(self, *(self._sigma(found[side]) for side in ("reads", "writes")))

    def _sigma(self, choices: list[tuple[list[str], float | None, str | None]]) -> dict[frozenset, Fraction | float]:
        return {frozenset(self._by_name[name].x for name in quorum): exact(value) if text is None else Fraction(text)
                for quorum, value, text in choices}

    def _worth(self, quantity: str, optimize: str, limits: tuple, read_fraction, write_fraction, f: int) -> Any:
        found = self._best(optimize, limits, read_fraction, write_fraction, f)
        if quantity == optimize and found["exact"] is not None:
            return Fraction(found["exact"])
        if found["reads"] is not None and found["reads"] + found["writes"] and all(text for *_, text in found["reads"] + found["writes"]):
            strategy = Strategy(self, *(self._sigma(found[side]) for side in ("reads", "writes")))
            exactly = {"load": strategy.load, "capacity": strategy.capacity, "network": strategy.network_load, "latency": strategy.latency_ms}
            return exactly[quantity](read_fraction, write_fraction)
        return found["latency_ms" if quantity == "latency" else quantity]

    def load(
        self,
        optimize: str = "load",
        load_limit: float | None = None,
        network_limit: float | None = None,
        latency_limit: Milliseconds | None = None,
        read_fraction: Fractions | None = None,
        write_fraction: Fractions | None = None,
        f: int = 0,
    ) -> Fraction | float:
        """The load of the busiest node under that strategy: a fraction where it is proven exactly, else a float.

        >>> a, b, c = map(Node, "abc")
        >>> System(reads=a*b + b*c + a*c).load(read_fraction=0.5)
        Fraction(2, 3)
        """
        return self._worth("load", optimize, (load_limit, network_limit, latency_limit), read_fraction, write_fraction, f)

    def capacity(
        self,
        optimize: str = "load",
        load_limit: float | None = None,
        network_limit: float | None = None,
        latency_limit: Milliseconds | None = None,
        read_fraction: Fractions | None = None,
        write_fraction: Fractions | None = None,
        f: int = 0,
    ) -> Fraction | float:
        """Operations per second that the system can serve under that strategy (1/load of one node's where no capacities are given)."""
        return self._worth("capacity", optimize, (load_limit, network_limit, latency_limit), read_fraction, write_fraction, f)

    def network(
        self,
        optimize: str = "network",
        load_limit: float | None = None,
        network_limit: float | None = None,
        latency_limit: Milliseconds | None = None,
        read_fraction: Fractions | None = None,
        write_fraction: Fractions | None = None,
        f: int = 0,
    ) -> Fraction | float:
        """The expected number of nodes that an operation contacts: the least, unless something else is optimized."""
        return self._worth("network", optimize, (load_limit, network_limit, latency_limit), read_fraction, write_fraction, f)

    def network_load(self, optimize: str = "load", **limits: Any) -> Fraction | float:
        """As `network`, under the strategy of least load unless something else is optimized."""
        return self.network(optimize, **limits)

    def latency_ms(
        self,
        optimize: str = "latency",
        load_limit: float | None = None,
        network_limit: float | None = None,
        latency_limit: Milliseconds | None = None,
        read_fraction: Fractions | None = None,
        write_fraction: Fractions | None = None,
        f: int = 0,
    ) -> Fraction | float:
        """The expected time in milliseconds until a quorum has answered: the least, unless something else is optimized."""
        found = self._worth("latency", optimize, (load_limit, network_limit, latency_limit), read_fraction, write_fraction, f)
        if found is None:
            raise NoStrategyFoundError("the latency cannot be computed: some node has none")
        return found

    def latency(self, optimize: str = "latency", **limits: Any) -> datetime.timedelta:
        """The same as a `timedelta`.

        >>> a, b = Node("a", latency=1), Node("b", latency=4)
        >>> System(reads=a + b).latency(read_fraction=0.5)
        datetime.timedelta(microseconds=2500)
        """
        return datetime.timedelta(milliseconds=float(self.latency_ms(optimize, **limits)))

    def make_strategy(self, sigma_r: Mapping, sigma_w: Mapping) -> Strategy:
        """A strategy of one's own; weights need not add up to 1."""
        for sigma, is_quorum, kind in ((sigma_r, self.is_read_quorum, "read"), (sigma_w, self.is_write_quorum, "write")):
            if not all(weight >= 0 for weight in sigma.values()):
                raise ValueError(f"the weights of {kind} quorums must not be negative")
            if not all(is_quorum(quorum) for quorum in sigma):
                raise ValueError(f"some set is no {kind} quorum")
        return Strategy(self, sigma_r, sigma_w)

    def uniform_strategy(self, f: int = 0) -> Strategy:
        """Every minimal quorum alike; with `f`, every minimal set that contains a quorum after any `f` failures."""
        if f == 0:
            return Strategy(self, uniform(self.read_quorums()), uniform(self.write_quorums()))
        if f < 0:
            raise ValueError("f must be >= 0")
        sides = [uniform(_surviving(sorted(self.elements(), key=str), is_quorum, f))
                 for is_quorum in (self.is_read_quorum, self.is_write_quorum)]
        return Strategy(self, *sides)

    # Everything at once.

    def analyze(self, **options: Any) -> Any:
        """Everything about the system: `quorate analyze` with the same options, as `read_fraction=[0.1, 0.9]`.

        >>> a, b, c = map(Node, "abc")
        >>> analysis = System(reads=a*b + b*c + a*c, name="three").analyze(failure_probability=0.01)
        >>> analysis.resilience, analysis.optimum[0].exact, analysis.to_dict()["systems"][0]["name"]
        (1, Fraction(2, 3), 'three')
        """
        from .commands import analyze

        return analyze(self, **options)

    def curve(self, quantity: str, over: Iterable[float]) -> Table:
        """A quantity over a range, as a table with the columns `x` and `y`, for plots.

        `load`, `capacity`, `network` and `latency` are over read fractions, each under its own best strategy; `failure_probability` is over that of
        every node.

        >>> a, b, c, d = map(Node, "abcd")
        >>> System(reads=a*b + c*d).curve("network", [0, 0.5, 1]).to_dict()
        {'x': [0, 0.5, 1], 'y': [Fraction(2, 1), Fraction(2, 1), Fraction(2, 1)]}
        """
        xs = list(over)
        if quantity == "failure_probability":
            return Table({"x": xs, "y": [self.failure_probability(x).system for x in xs]})
        asked = {"load": self.load, "capacity": self.capacity, "network": self.network, "latency": self.latency_ms}
        if quantity not in asked:
            raise ValueError(f"a curve is of failure_probability, {', '.join(asked)}")
        return Table({"x": xs, "y": [asked[quantity](read_fraction=x) for x in xs]})

    def simulate(self, **options: Any) -> Any:
        """Runs a replicated register or store over it: see `quorate.simulate`."""
        from .commands import simulate

        return simulate(self, **options)

    def verify(self, **options: Any) -> Any:
        """Holds its predictions against a running register: see `quorate.verify`."""
        from .commands import verify

        return verify(self, **options)

    # What Python asks of a value.

    def _files(self) -> dict[str, bytes]:
        return {**self._definition.beside, self._definition.file: bytes(self._definition.text)}

    def __reduce__(self):
        definition = self._definition
        return restored, (type(self), bytes(definition.text), definition.file, definition.beside, self.reads, self.writes, self._given)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, System) and self._files() == other._files()

    def __hash__(self) -> int:
        return hash((self.file, bytes(self._definition.text)))

    def __repr__(self) -> str:
        if self.reads is not None:
            return f"{type(self).__name__}(reads={self.reads}, writes={self.writes})"
        return f"<System {self.name!r}: {self.family}, {len(self._by_name)} nodes>"

    def _repr_html_(self) -> str:
        return self.analyze()._repr_html_()

    def _repr_markdown_(self) -> str:
        return self.analyze()._repr_markdown_()


class QuorumSystem(System):
    """A `System` whose read quorums meet all its write quorums, as the peer's class of this name.

    >>> a, b = Node("a"), Node("b")
    >>> QuorumSystem(reads=a, writes=b)
    Traceback (most recent call last):
    ...
    ValueError: Not all read quorums intersect all write quorums
    """

    def __init__(self, reads: Expr | None = None, writes: Expr | None = None, **more: Any) -> None:
        super().__init__(reads, writes, **more)
        if reads is not None and writes is not None and self._definition.meets() is False:
            raise ValueError("Not all read quorums intersect all write quorums")


def restored(
    kind: type[System],
    text: bytes,
    file: str,
    beside: dict[str, bytes],
    reads: Expr | None,
    writes: Expr | None,
    nodes: dict[str, Node] | None,
) -> System:
    """The system of a definition whose files are handed over with it."""
    system = kind.__new__(kind)
    system.reads, system.writes = reads, writes
    system._of(_quorate.Definition(text, file, beside), nodes)
    return system


def _surviving(xs: list[Any], is_quorum, f: int) -> list[set[Any]]:
    from itertools import combinations

    found: list[set[Any]] = []
    for size in range(1, len(xs) + 1):
        for chosen in combinations(xs, size):
            one = set(chosen)
            if not any(smaller <= one for smaller in found) and all(is_quorum(one - set(lost)) for lost in combinations(chosen, min(f, size))):
                found.append(one)
    if not found:
        raise NoStrategyFoundError(f"There are no {f}-resilient quorums")
    return found


def quoted(text: str) -> str:
    """A text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def nodes_toml(nodes: Iterable[Node]) -> list[str]:
    """Nodes as tables of a definition."""
    lines: list[str] = []
    zones: list[str] = []
    for node in nodes:
        lines += ["", "[[node]]", f"name = {quoted(node.name)}"]
        if node.has_capacity:
            lines += [f"read_capacity = {float(node.read_capacity)!r}", f"write_capacity = {float(node.write_capacity)!r}"]
        if node.latency is not None:
            lines.append(f"latency_ms = {milliseconds(node.latency)!r}")
        if node.failure_probability is not None:
            lines.append(f"failure_probability = {float(node.failure_probability)!r}")
        if node.zone is not None:
            lines.append(f"zone = {quoted(node.zone)}")
            zones += [node.zone] if node.zone not in zones else []
    for zone in zones:
        lines += ["", "[[zone]]", f"name = {quoted(zone)}"]
    return lines


def workload_toml(read_fraction: Fractions | None) -> list[str]:
    """A read fraction, or a distribution of them, as a table of a definition."""
    given = shares(read_fraction, None)
    if given is None:
        return []
    if len(given) == 1:
        return ["", "[workload]", f"read_fraction = {float(next(iter(given)))!r}"]
    weights = read_fraction.items()  # type: ignore[union-attr]
    entries = ", ".join(f"{{ fraction = {float(share)!r}, weight = {float(weight)!r} }}" for share, weight in weights if weight)
    return ["", "[workload]", f"read_fractions = [ {entries} ]"]


def _definition(
    reads: Expr, writes: Expr | None, name: str | None, description: str | None, read_fraction: Fractions | None, *, flipped: bool
) -> str:
    text = reads._text() if writes is None else f"{reads._text()}, writes {writes._text()}"
    if flipped and writes is None:
        text = f"writes {reads.dual()._text()}"
    shown = text if len(text) <= _NAME_MAX else text[: _NAME_MAX - 4] + " ..."
    lines = [f"name = {quoted(name or shown)}"]
    if description is not None:
        lines.append(f"description = {quoted(description)}")
    lines += ["", "[system]", 'family = "custom"', f"reads = {quoted(reads._text())}"]
    if writes is not None:
        lines.append(f"writes = {quoted(writes._text())}")
    nodes: dict[str, Node] = {}
    for side in (reads, *([writes] if writes is not None else [])):
        for node in side._leaves():
            if nodes.setdefault(node.name, node) is not node and not _same(nodes[node.name], node):
                raise ValueError(f"two nodes are called {node.name}")
    lines += nodes_toml(nodes.values()) + workload_toml(read_fraction)
    return "\n".join(lines) + "\n"


def _same(one: Node, other: Node) -> bool:
    return vars(one) == vars(other)
