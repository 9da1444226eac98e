"""Nodes, and the algebra of quorums over them: ``a*b + c*d*e``, ``choose``, ``majority``, ``dual``.

``+`` means either and ``*`` both. Source: Whittaker et al., Read-write quorum systems made practical, PaPoC 2021.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import combinations, product
from typing import Any, Union

Milliseconds = Union[int, float, datetime.timedelta]

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*\Z")
_WORDS = {"choose", "majority", "weighted"}


def exact(value: Any) -> Fraction:
    """A number as the fraction that its decimal digits say: 0.1 is one tenth.

    >>> exact(0.1)
    Fraction(1, 10)
    """
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def milliseconds(value: Milliseconds) -> float:
    """A time in milliseconds.

    >>> milliseconds(datetime.timedelta(seconds=2))
    2000.0
    """
    return value / datetime.timedelta(milliseconds=1) if isinstance(value, datetime.timedelta) else float(value)


class Expr:
    """A monotone expression over nodes; its minimal sets are quorums."""

    def __add__(self, other: Expr) -> Expr:
        return _joined(Or, self, other)

    def __mul__(self, other: Expr) -> Expr:
        return _joined(And, self, other)

    def __or__(self, other: Expr) -> Expr:
        return self + other

    def __and__(self, other: Expr) -> Expr:
        return self * other

    def children(self) -> list[Expr]:
        """The expressions that it is made of."""
        return []

    def nodes(self) -> set[Node]:
        """Its nodes.

        >>> a, b = Node("a"), Node("b")
        >>> sorted(str(node) for node in (a*b + a).nodes())
        ['a', 'b']
        """
        return set(self._leaves())

    def elements(self) -> set[Any]:
        """What its nodes are called."""
        return {node.x for node in self.nodes()}

    def _leaves(self) -> Iterator[Node]:
        waiting: list[Expr] = [self]
        while waiting:
            expression = waiting.pop()
            if isinstance(expression, Node):
                yield expression
            else:
                waiting.extend(reversed(expression.children()))

    def dup_free(self) -> bool:
        """Whether no node stands twice in it."""
        leaves = list(self._leaves())
        return len(leaves) == len({leaf.x for leaf in leaves})

    def is_quorum(self, xs: Iterable[Any]) -> bool:
        """Whether these contain a quorum; linear in the expression.

        >>> a, b, c = map(Node, "abc")
        >>> majority([a, b, c]).is_quorum({"a", "c"})
        True
        """
        names = {x.x if isinstance(x, Node) else x for x in xs}
        return self._evaluate(lambda node: node.x in names, lambda k, values: sum(values) >= k)

    def quorums(self) -> Iterator[set[Any]]:
        """Sets that contain every minimal quorum among them, as the expression says them; they may be very many.

        >>> a, b, c = map(Node, "abc")
        >>> [sorted(quorum) for quorum in (a*b + c).quorums()]
        [['a', 'b'], ['c']]
        """
        if isinstance(self, Node):
            yield {self.x}
            return
        k, children = self._gate()
        for chosen in combinations(children, k):
            for parts in product(*(list(part.quorums()) for part in chosen)):
                yield set().union(*parts)

    def resilience(self) -> int:
        """How many nodes may fail, whichever they are, so that a quorum is left."""
        from .system import System

        return System(reads=self).read_resilience()

    def dual(self) -> Expr:
        """The expression whose quorums are the minimal sets that meet all quorums of this one.

        >>> a, b, c = map(Node, "abc")
        >>> str((a*b + c).dual())
        '(a + b)*c'
        """
        if isinstance(self, Node):
            return self
        k, children = self._gate()
        return _gate(len(children) - k + 1, [child.dual() for child in children])

    def _gate(self) -> tuple[int, list[Expr]]:
        raise NotImplementedError

    def _evaluate(self, leaf: Callable[[Node], Any], gate: Callable[[int, list[Any]], Any]) -> Any:
        # Without recursion: expressions may be deep.
        done: dict[int, Any] = {}
        waiting: list[tuple[Expr, bool]] = [(self, False)]
        while waiting:
            expression, is_ready = waiting.pop()
            if id(expression) in done:
                continue
            if isinstance(expression, Node):
                done[id(expression)] = leaf(expression)
            elif is_ready:
                k, children = expression._gate()
                done[id(expression)] = gate(k, [done[id(child)] for child in children])
            else:
                waiting.append((expression, True))
                waiting.extend((child, False) for child in expression.children())
        return done[id(self)]

    def _text(self) -> str:
        """As definitions write it."""
        raise NotImplementedError

    def __str__(self) -> str:
        return self._text()

    def __repr__(self) -> str:
        return self._text()


class Node(Expr):
    """A node: its name, what it can serve, and how long it takes to answer.

    `capacity`, or `read_capacity` and `write_capacity`: operations per second, 1 where nothing is said. `latency`: a
    `timedelta`, or milliseconds. `failure_probability`: between 0 and 1. `zone`: the name of a zone.

    >>> Node("a", capacity=1000).read_capacity
    1000
    """

    def __init__(
        self,
        x: Any,
        capacity: float | None = None,
        read_capacity: float | None = None,
        write_capacity: float | None = None,
        latency: Milliseconds | None = None,
        failure_probability: float | None = None,
        zone: str | None = None,
    ) -> None:
        if (read_capacity is None) != (write_capacity is None) or (capacity is not None and read_capacity is not None):
            raise ValueError("You must specify capacity or (read_capacity and write_capacity)")
        self.x = x
        self.has_capacity = capacity is not None or read_capacity is not None
        usual = 1.0 if capacity is None else capacity
        self.read_capacity = usual if read_capacity is None else read_capacity
        self.write_capacity = usual if write_capacity is None else write_capacity
        self.latency = latency
        self.failure_probability = failure_probability
        self.zone = zone

    @property
    def name(self) -> str:
        """The name as definitions write it."""
        return str(self.x)

    def __lt__(self, other: Node) -> bool:
        return self.x < other.x

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"Node({self.x!r})"

    def _text(self) -> str:
        name = self.name
        if _PLAIN.match(name) and name not in _WORDS:
            return name
        return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


class _Gate(Expr):
    def __init__(self, es: Iterable[Expr]) -> None:
        self.es = list(es)
        if not self.es:
            raise ValueError("no expressions provided")

    def children(self) -> list[Expr]:
        return self.es


class Or(_Gate):
    """Any of the expressions."""

    def _gate(self) -> tuple[int, list[Expr]]:
        return 1, self.es

    def _text(self) -> str:
        return " + ".join(child._text() for child in self.es)


class And(_Gate):
    """All of the expressions."""

    def _gate(self) -> tuple[int, list[Expr]]:
        return len(self.es), self.es

    def _text(self) -> str:
        text = (f"({child._text()})" if isinstance(child, Or) and len(child.es) > 1 else child._text() for child in self.es)
        return "*".join(text)


class Choose(_Gate):
    """Any k of the expressions."""

    def __init__(self, k: int, es: Iterable[Expr]) -> None:
        super().__init__(es)
        if not 1 <= k <= len(self.es):
            raise ValueError(f"k must be in the range [1, {len(self.es)}]")
        self.k = k

    def _gate(self) -> tuple[int, list[Expr]]:
        return self.k, self.es

    def _text(self) -> str:
        return f"choose({self.k}, {', '.join(child._text() for child in self.es)})"


def _joined(gate: type[Or] | type[And], left: Expr, right: Expr) -> Expr:
    if not isinstance(right, Expr):
        return NotImplemented
    parts: list[Expr] = []
    for side in (left, right):
        parts.extend(side.es if isinstance(side, gate) else [side])
    return gate(parts)


def _gate(k: int, es: list[Expr]) -> Expr:
    return Or(es) if k == 1 else And(es) if k == len(es) else Choose(k, es)


def _list(expressions: tuple) -> list[Expr]:
    if len(expressions) == 1 and not isinstance(expressions[0], Expr):
        return list(expressions[0])
    return list(expressions)


def choose(k: int, *expressions: Expr | Iterable[Expr]) -> Expr:
    """Any `k` of these expressions.

    >>> a, b, c = map(Node, "abc")
    >>> choose(2, [a, b, c]).is_quorum({"a", "b"}), choose(2, a, b, c).is_quorum({"a"})
    (True, False)
    """
    es = _list(expressions)
    if not es:
        raise ValueError("no expressions provided")
    if not 1 <= k <= len(es):
        raise ValueError("k must be in the range [1, len(es)]")
    return _gate(k, es)


def majority(*expressions: Expr | Iterable[Expr]) -> Expr:
    """More than half of these expressions.

    >>> str(majority(map(Node, "abc")))
    'choose(2, a, b, c)'
    """
    es = _list(expressions)
    return choose(len(es) // 2 + 1, es)
