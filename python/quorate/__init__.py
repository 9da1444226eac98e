"""quorate: quorum systems in Python.

Which quorums meet, how much load they can carry, how many failures they survive, how probable it is that none is left: exactly, with
certificates and witnesses. And whether an execution was atomic, which system is the best over given nodes, and what a replicated register
does under faults.

>>> from quorate import Node, System
>>> a, b, c, d, e = map(Node, "abcde")
>>> system = System(reads=a*b + c*d*e)
>>> system.load(read_fraction=1), system.resilience()
(Fraction(1, 2), 1)

Systems come from expressions over nodes, from definitions (`System.parse`, `System.read`) and from `quorate.families`. Questions are methods
of a `System`, or functions for several: `analyze`, `compare`, `search`, `check`, `simulate`, `verify`, `sweep`, `transition`. Long runs are
divided by `quorate.distributed`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from . import _quorate
from .commands import (
    Analysis,
    Checked,
    Comparison,
    Found,
    Simulation,
    Verification,
    analyze,
    check,
    compare,
    explain,
    flp,
    replication,
    search,
    simulate,
    sweep,
    transition,
    verify,
)
from .errors import (
    DefinitionError,
    HistoryError,
    Mistake,
    NoStrategyFoundError,
    OtherVersionError,
    QuorateError,
    UsageError,
)
from .expressions import And, Choose, Expr, Node, Or, choose, majority
from .records import Answer, Picture, Record
from .strategy import Strategy
from .system import FailureProbability, QuorumSystem, System
from .tables import Table

if TYPE_CHECKING:
    from . import distributed, families

__version__: str = _quorate.version()


def dual(of: Expr | System) -> Any:
    """The dual of an expression, or a system with reads and writes in each other's place.

    >>> a, b = Node("a"), Node("b")
    >>> str(dual(a*b))
    'a + b'
    """
    return of.dual()


def __getattr__(name: str) -> Any:
    if name in ("distributed", "families"):
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module 'quorate' has no attribute {name!r}")


__all__ = [
    "Analysis", "And", "Answer", "Checked", "Choose", "Comparison", "DefinitionError", "Expr", "FailureProbability", "Found",
    "HistoryError", "Mistake", "NoStrategyFoundError", "Node", "Or", "OtherVersionError", "Picture", "QuorateError", "QuorumSystem",
    "Record", "Simulation", "Strategy", "System", "Table", "UsageError", "Verification", "analyze", "check", "choose", "compare",
    "distributed", "dual", "explain", "families", "flp", "majority", "replication", "search", "simulate", "sweep", "transition", "verify",
]
