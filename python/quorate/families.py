"""Every family of quorum systems as a function.

Beside the parameters of the family, each takes `name`, `description`, `read_fraction`, and what holds for all nodes: `capacity`, `latency`,
`failure_probability`; or `nodes`, in the order of the family, with all that is known about them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from . import _quorate
from .expressions import Milliseconds, Node, milliseconds
from .strategy import Fractions
from .system import System, restored, nodes_toml, quoted, workload_toml


def _value(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{quoted(str(key))} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, Iterable):
        return "[" + ", ".join(map(_value, value)) + "]"
    return repr(value)


def _family(family: str, more: dict[str, Any], **parameters: Any) -> System:
    return _made(family, parameters, **more)


def _made(
    family: str,
    parameters: Mapping[str, Any],
    *,
    name: str | None = None,
    description: str | None = None,
    nodes: Iterable[Node] | None = None,
    capacity: float | None = None,
    latency: Milliseconds | None = None,
    failure_probability: float | None = None,
    read_fraction: Fractions | None = None,
) -> System:
    given = {key: value for key, value in parameters.items() if value is not None}
    shown = " ".join([family, *(f"{key}={_plain(value)}" for key, value in given.items())])
    lines = [f"name = {quoted(name or shown)}"]
    if description is not None:
        lines.append(f"description = {quoted(description)}")
    lines += ["", "[system]", f"family = {quoted(family)}", *(f"{key} = {_value(value)}" for key, value in given.items())]
    common = {
        "capacity": None if capacity is None else float(capacity),
        "latency_ms": None if latency is None else milliseconds(latency),
        "failure_probability": None if failure_probability is None else float(failure_probability),
    }
    members = None if nodes is None else list(nodes)
    if members is not None:
        lines.append(f"names = {_value([node.name for node in members])}")
    if any(value is not None for value in common.values()):
        lines += ["", "[nodes]"]
    lines += [f"{key} = {value!r}" for key, value in common.items() if value is not None]
    lines += nodes_toml(members or []) + workload_toml(read_fraction)
    text = ("\n".join(lines) + "\n").encode()
    return restored(System, text, "-", {}, None, None, None if members is None else {node.name: node for node in members})


def _plain(value: Any) -> str:
    return str(value) if isinstance(value, (int, str)) else "x".join(map(str, value))


def majority(n: int, **more: Any) -> System:
    """Any floor(n/2) + 1 nodes, for reads and writes.

    Source: Thomas, A majority consensus approach to concurrency control, ACM TODS 1979.

    >>> len(majority(n=5).nodes())
    5
    """
    return _family("majority", more, n=n)


def threshold(n: int, read: int, write: int, **more: Any) -> System:
    """Any `read` nodes / any `write` nodes; they meet when read + write > n.

    Source: Gifford, Weighted voting for replicated data, SOSP 1979; DeCandia et al., Dynamo, SOSP 2007.

    >>> len(threshold(n=3, read=2, write=2).nodes())
    3
    """
    return _family("threshold", more, n=n, read=read, write=write)


def weighted(votes: Sequence[int] | Mapping[str, int], quota: int | None = None, read_votes: int | None = None, write_votes: int | None = None, **more: Any) -> System:
    """Nodes with `read_votes` / `write_votes` votes or more; they meet when the two add up to more than all votes.

    Source: Gifford, Weighted voting for replicated data, SOSP 1979.

    >>> len(weighted(votes=[3, 1, 1, 1, 1], quota=4).nodes())
    5
    """
    return _family("weighted", more, votes=votes, quota=quota, read_votes=read_votes, write_votes=write_votes)


def rowa(n: int, **more: Any) -> System:
    """Read: any one node; write: all nodes.

    Source: Bernstein, Hadzilacos and Goodman, Concurrency control and recovery in database systems, 1987.

    >>> len(rowa(n=3).nodes())
    3
    """
    return _family("rowa", more, n=n)


def rawo(n: int, **more: Any) -> System:
    """Read: all nodes; write: any one node (two writes can miss each other).

    Source: the dual of read one, write all; Gifford, Weighted voting for replicated data, SOSP 1979, with r = n, w = 1.

    >>> len(rawo(n=3).nodes())
    3
    """
    return _family("rawo", more, n=n)


def singleton(n: int, node: str | None = None, **more: Any) -> System:
    """That one node, for reads and writes.

    Source: Naor and Wool, The load, capacity and availability of quorum systems, SIAM J. Comput. 1998.

    >>> len(singleton(n=3, node="n2").nodes())
    3
    """
    return _family("singleton", more, n=n, node=node)


def grid(rows: int, cols: int, variant: str | None = None, **more: Any) -> System:
    """Lines-below: read one element of every line, write a full line and one element of every line below; cover: the same with every
    other line; row-column: a full row and a full column; lines: read a full line, write one element of every line.

    Source: Maekawa, ACM TOCS 1985 (row-column); Cheung, Ammar and Ahamad, The grid protocol, ICDE 1990 (cover); Peleg and Wool,
    Crumbling walls, 1997 (lines-below, with equal widths); Naor and Wool 1998.

    >>> len(grid(rows=3, cols=3, variant="lines-below").nodes())
    9
    """
    return _family("grid", more, rows=rows, cols=cols, variant=variant)


def b_grid(width: int, bands: int, band_rows: int, **more: Any) -> System:
    """One mini-column in every band, and one element of every mini-column of one band.

    Source: Naor and Wool, The load, capacity and availability of quorum systems, SIAM J. Comput. 1998, section 6.

    >>> len(b_grid(width=3, bands=2, band_rows=2).nodes())
    12
    """
    return _family("b-grid", more, width=width, bands=bands, band_rows=band_rows)


def tree(height: int, degree: int | None = None, **more: Any) -> System:
    """A path from the root to a leaf, where a dead node is replaced by paths in all of its subtrees; nodes are numbered depth first, a
    node before its subtrees.

    Source: Agrawal and El Abbadi, An efficient and fault-tolerant solution for distributed mutual exclusion, ACM TOCS 1991.

    >>> len(tree(height=2).nodes())
    7
    """
    return _family("tree", more, height=height, degree=degree)


def hierarchical(branching: Sequence[int] | None = None, quorum: Sequence[int] | None = None, read: Sequence[int] | None = None, write: Sequence[int] | None = None, groups: Sequence[Any] | None = None, votes: Sequence[int] | None = None, **more: Any) -> System:
    """`read` / `write` members of every group, on every level; they meet when the two add up to more than the members on each level;
    nodes are the leaves from left to right.

    Source: Kumar, Hierarchical quorum consensus: a new algorithm for managing replicated data, IEEE Trans. Computers 1991.

    >>> len(hierarchical(branching=[3, 3], quorum=[2, 2]).nodes())
    9
    """
    return _family("hierarchical", more, branching=branching, quorum=quorum, read=read, write=write, groups=groups, votes=votes)


def wall(widths: Sequence[int], **more: Any) -> System:
    """One full row, and one node of every row below it.

    Source: Peleg and Wool, Crumbling walls: a class of practical and efficient quorum systems, Distributed Computing 1997.

    >>> len(wall(widths=[1, 2, 3]).nodes())
    6
    """
    return _family("wall", more, widths=widths)


def triangle(rows: int, **more: Any) -> System:
    """One full row, and one node of every row below it.

    Source: Lovasz, Coverings and colorings of hypergraphs, 1973; Peleg and Wool, Crumbling walls, 1997.

    >>> len(triangle(rows=4).nodes())
    10
    """
    return _family("triangle", more, rows=rows)


def cwlog(rows: int, **more: Any) -> System:
    """One full row, and one node of every row below it.

    Source: Peleg and Wool, The availability of crumbling wall quorum systems, Discrete Applied Mathematics 1997.

    >>> len(cwlog(rows=5).nodes())
    11
    """
    return _family("cwlog", more, rows=rows)


def wheel(n: int, **more: Any) -> System:
    """The hub and any other node, or all the others: the wall of widths 1 and n - 1.

    Source: Holzman, Marcus and Peleg, Load balancing in quorum systems, SIAM J. Discrete Math. 1997.

    >>> len(wheel(n=6).nodes())
    6
    """
    return _family("wheel", more, n=n)


def fpp(order: int, **more: Any) -> System:
    """The q + 1 points of a line of the projective plane over the field of q elements.

    Source: Maekawa, A sqrt(N) algorithm for mutual exclusion in decentralized systems, ACM TOCS 1985.

    >>> len(fpp(order=2).nodes())
    7
    """
    return _family("fpp", more, order=order)


def paths(size: int, **more: Any) -> System:
    """Edges of a lattice that form a path from its left to its right side, and edges that are crossed by a path from its top to its
    bottom; nodes are numbered row by row.

    Source: Naor and Wool, The load, capacity and availability of quorum systems, SIAM J. Comput. 1998, section 7.

    >>> len(paths(size=2).nodes())
    13
    """
    return _family("paths", more, size=size)


def y(size: int, **more: Any) -> System:
    """A connected set of nodes that touches all three sides of a triangular board; a corner is on two sides.

    Source: Kuo and Huang, A geometric approach for constructing coteries and k-coteries, IEEE Trans. Parallel and Distributed
    Systems 1997.

    >>> len(y(size=4).nodes())
    10
    """
    return _family("y", more, size=size)


def and_or(height: int, **more: Any) -> System:
    """The leaves that make the tree true with an AND at its root, together with leaves that make it true with an OR there; AND and OR
    take turns.

    Source: Naor and Wool, The load, capacity and availability of quorum systems, SIAM J. Computing 1998.

    >>> len(and_or(height=2).nodes())
    16
    """
    return _family("and-or", more, height=height)


def nucleus(r: int, **more: Any) -> System:
    """Any r nodes of the core, or one half of the core with the node of that way to halve it; all quorums have r nodes.

    Source: Erdos and Lovasz, Problems and results on 3-chromatic hypergraphs, 1975; Peleg and Wool, How to be an efficient
    snoop, 2002.

    >>> len(nucleus(r=3).nodes())
    7
    """
    return _family("nucleus", more, r=r)


def dissemination(n: int, b: int, **more: Any) -> System:
    """Any ceil((n + b + 1)/2) nodes, n at least 3b + 1: two quorums share b + 1, enough for values that are signed.

    Source: Malkhi and Reiter, Byzantine quorum systems, Distributed Computing 1998.

    >>> len(dissemination(n=4, b=1).nodes())
    4
    """
    return _family("dissemination", more, n=n, b=b)


def masking(n: int, b: int, **more: Any) -> System:
    """Any ceil((n + 2b + 1)/2) nodes, n at least 4b + 1: two quorums share 2b + 1, enough for values that are not signed.

    Source: Malkhi and Reiter, Byzantine quorum systems, Distributed Computing 1998.

    >>> len(masking(n=5, b=1).nodes())
    5
    """
    return _family("masking", more, n=n, b=b)


def opaque(n: int, b: int, **more: Any) -> System:
    """Any ceil((2n + 2b)/3) nodes, n at least 5b: the latest value wins a vote, without knowing b.

    Source: Malkhi and Reiter, Byzantine quorum systems, Distributed Computing 1998.

    >>> len(opaque(n=6, b=1).nodes())
    6
    """
    return _family("opaque", more, n=n, b=b)


def m_grid(side: int, b: int, **more: Any) -> System:
    """R full rows and r full columns of a square, r the least with r r >= b + 1: two quorums share 2b + 1 nodes or more.

    Source: Malkhi, Reiter and Wool, The load and availability of Byzantine quorum systems, SIAM J. Computing 2000.

    >>> len(m_grid(side=4, b=1).nodes())
    16
    """
    return _family("m-grid", more, side=side, b=b)


def masking_grid(side: int, b: int, **more: Any) -> System:
    """One full column and b + 1 full rows of a square: two quorums share 2b + 1 nodes or more.

    Source: Malkhi and Reiter, Byzantine quorum systems, Distributed Computing 1998.

    >>> len(masking_grid(side=4, b=1).nodes())
    16
    """
    return _family("masking-grid", more, side=side, b=b)


def probabilistic(n: int, q: int | None = None, read: int | None = None, write: int | None = None, **more: Any) -> System:
    """Any q nodes, drawn evenly: a read and a write miss each other with the probability epsilon, C(n - write, read) / C(n, read).

    Source: Malkhi, Reiter, Wool and Wright, Probabilistic quorum systems, Information and Computation 2001.

    >>> len(probabilistic(n=100, q=22).nodes())
    100
    """
    return _family("probabilistic", more, n=n, q=q, read=read, write=write)
