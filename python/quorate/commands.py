"""The questions of the program as functions: each takes its options as keywords, and gives an `Answer`.

An option is the program's flag with underscores: ``--max-network 4`` is ``max_network=4``, ``--unsafe`` is ``unsafe=True``; lists are
lists. `quorate COMMAND --help` explains them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Union

from . import _quorate
from .errors import NoStrategyFoundError, UsageError
from .expressions import Expr, Milliseconds, Node, milliseconds
from .histories import histories_files
from .records import Answer, Picture, Record, options_words
from .running import Files, Ran, run
from .strategy import Fractions, Strategy, shares
from .system import System, nodes_toml, quoted, restored, workload_toml

Asked = Union[System, Expr, str, "os.PathLike[str]"]
"""A system, an expression, or the path of a definition."""


def as_system(asked: Asked) -> System:
    """The system that is meant.

    >>> as_system(Node("a") + Node("b")).name
    'a + b'
    """
    if isinstance(asked, System):
        return asked
    if isinstance(asked, Expr):
        return System(reads=asked)
    return System.read(asked)


def as_files(systems: Iterable[System]) -> tuple[list[str], Files]:
    """The files that define these systems, and their names in order; of one name and other content, all but the first get a number."""
    names: list[str] = []
    files: Files = {}
    for system in systems:
        own, name = system._files(), system.file
        number = 2
        while name in names or files.get(name, own[system.file]) != own[system.file]:
            name = f"definition-{number}" if system.file == "-" else f"{system.file}-{number}"
            number += 1
        files.update({(name if path == system.file else path): data for path, data in own.items()})
        names.append(name)
    return names, files


def _listed(systems: Asked | Iterable[Asked]) -> list[System]:
    if isinstance(systems, (System, Expr, str, os.PathLike)):
        systems = [systems]
    found: list[System] = []
    for asked in systems:
        if isinstance(asked, (str, os.PathLike)) and Path(asked).is_dir():
            paths = sorted(path for path in Path(asked).iterdir()
                           if path.suffix == ".toml" and not path.name.startswith(".") and path.is_file())
            found.extend(System.read(f"{os.fspath(asked).rstrip('/')}/{path.name}") for path in paths)
        else:
            found.append(as_system(asked))
    if not found:
        raise UsageError("no system was given")
    return found


# What each table of an analysis is called.
_ANALYSIS_TABLES = (
    "systems", "optimum", "node_load", "strategy", "failure_probability", "importance", "repair", "zone_losses", "splits", "byzantine",
    "demands", "federated", "clients", "leaders", "client_strategies", "client_fronts",
)

class Analysis(Answer):
    """Everything about one or more systems; of one, its answers are attributes."""

    TABLES = {name: [f"--table={name}"] for name in _ANALYSIS_TABLES}

    def __getattr__(self, name: str) -> Any:
        systems = object.__getattribute__(self, "_data").get("systems", [])
        if len(systems) == 1 and name in systems[0]:
            return Record(systems[0])[name]
        return super().__getattr__(name)

    def __dir__(self) -> list[str]:
        systems = self._data.get("systems", [])
        return [*super().__dir__(), *(systems[0] if len(systems) == 1 else ())]

    def _headline(self) -> dict[str, Any]:
        shown = []
        for system in self._data.get("systems", []):
            best = [{key: one.get(key) for key in ("objective", "read_fraction", "exact", "value", "capacity", "network", "latency_ms")
                     if one.get(key) is not None} for one in system.get("optimum", [])]
            failure = [{key: one.get(key) for key in ("node_failure_probability", "read", "write", "system", "method")
                        if one.get(key) is not None} for one in system.get("failure_probability", [])]
            reads, writes = system.get("reads") or {}, system.get("writes") or {}
            shown.append({
                "name": system["name"], "family": system["family"], "nodes": system["nodes"],
                "reads meet writes": system["intersection"]["read_write"]["holds"],
                "read quorums": reads.get("count"), "smallest read quorum": reads.get("smallest"),
                "write quorums": writes.get("count"), "smallest write quorum": writes.get("smallest"),
                "resilience": system.get("resilience"), "best strategy": best, "failure probability": failure,
            })
        return shown[0] if len(shown) == 1 else {one["name"]: one for one in shown}


class Comparison(Answer):
    """Systems side by side."""

    def _headline(self) -> dict[str, Any]:
        columns = [column["name"] for column in self._data.get("columns", [])]
        return {system["name"]: {"reads meet writes": system["intersects"], **{
            name: value["value"] for name, value in zip(columns, system["values"])}} for system in self._data.get("systems", [])}


class Found(Answer):
    """The best systems over given nodes; unpacked, the best one and its strategy: `system, strategy = search(...)`."""

    __slots__ = ("_question",)

    def __init__(self, arguments: list[str], files: Files, ran: Ran | None, question: Question) -> None:
        super().__init__(arguments, files, ran)
        object.__setattr__(self, "_question", question)

    @property
    def best(self) -> System:
        """The best system."""
        return self.system(0)

    def system(self, number: int) -> System:
        """One of the systems, from the best."""
        found = self._data["systems"]
        if not found:
            raise NoStrategyFoundError("no system keeps to all of this; `nearest` says what would be possible")
        one, (nodes, mix, _) = found[number], self._question
        lines = [f'name = "best-{number + 1}"', "", "[system]", 'family = "custom"',
                 f"reads = {quoted(one['reads'])}", f"writes = {quoted(one['writes'])}"]
        text = "\n".join(lines + nodes_toml(nodes) + workload_toml(mix)) + "\n"
        return restored(System, text.encode(), "-", {}, None, None, {node.name: node for node in nodes})

    @property
    def strategy(self) -> Strategy:
        """The best strategy of the best system."""
        return self.best.strategy(**self._question.strategy)

    def __iter__(self) -> Iterator[Any]:
        return iter((self.best, self.strategy))

    def __reduce__(self):
        return Found, (self._arguments, self._files, self._ran, self._question)


class Checked(Answer):
    """Verdicts about histories; of one, its answers are attributes, and it is true where the history is what was asked for."""

    def __getattr__(self, name: str) -> Any:
        histories = object.__getattribute__(self, "_data").get("histories", [])
        if len(histories) == 1 and name in histories[0]:
            return Record(histories[0])[name]
        return super().__getattr__(name)

    @property
    def holds(self) -> bool | None:
        """Whether every history keeps the model that was asked for; `None` where that is undecided."""
        return {0: True, 1: False}.get(self.status)

    def explore(self) -> Page:
        """The page on which a person can explore the histories."""
        return Page(_file_of([*self._arguments], self._files, "--html", "html"))

    def picture(self, name: str | None = None, format: str = "svg") -> Picture:
        """The violation as a picture."""
        return super().picture(None, format)

    def _headline(self) -> dict[str, Any]:
        keys = ("operations", "keys", "safe", "regular", "atomic", "staleness", "notes")
        return {one["file"]: {key: one[key] for key in keys if key in one} for one in self._data.get("histories", [])}


class Simulation(Answer):
    """A run of a replicated register or store, or many of them."""

    @property
    def holds(self) -> bool | None:
        """Whether the protocol kept its promise; `None` where that is undecided."""
        return {0: True, 1: False}.get(self.status)

    def history(self) -> list[dict[str, Any]]:
        """The history of one run, operation by operation."""
        import json

        return [json.loads(line) for line in _file_of(self._arguments, self._files, "--history", "jsonl").decode().splitlines()]

    def explore(self) -> Page:
        """The page on which a person can explore one run."""
        return Page(_file_of(self._arguments, self._files, "--html", "html"))


class Verification(Answer):
    """Predictions held against measurements."""

    @property
    def holds(self) -> bool | None:
        """Whether no prediction was missed; `None` where some could not be made."""
        return {0: True, 1: False}.get(self.status)


class Page:
    """A page for a browser, in a frame of its own where a notebook shows it."""

    def __init__(self, data: bytes) -> None:
        self.html = data.decode()

    def save(self, path: str | Path) -> None:
        """Writes it into a file, which must not be there yet."""
        with open(path, "x", encoding="utf-8") as file:
            file.write(self.html)

    def _repr_html_(self) -> str:
        import html

        return f'<iframe srcdoc="{html.escape(self.html)}" style="width:100%;height:40em;border:0"></iframe>'


def _file_of(arguments: list[str], files: Files, flag: str, ending: str) -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"file.{ending}"
        run([*arguments, f"{flag}={path}"], files)
        return path.read_bytes()


def systems_run(command: str, systems: Asked | Iterable[Asked], options: dict[str, Any]) -> tuple[list[str], Files]:
    """The words and files of a command about systems."""
    names, files = as_files(_listed(systems))
    return [command, *names, *options_words(options)], files


def analyze(systems: Asked | Iterable[Asked], **options: Any) -> Analysis:
    """Everything about systems: intersection, minimal quorums, load, resilience, failure probability.

    >>> a, b, c = map(Node, "abc")
    >>> analyze([a*b + c, a + b]).table("systems")["system"]
    ['a*b + c', 'a + b']
    """
    return Analysis(*systems_run("analyze", systems, options))


def compare(systems: Iterable[Asked], **options: Any) -> Comparison:
    """Systems side by side: sizes, resilience, load, capacity, failure probability.

    >>> from quorate import families
    >>> compare([families.majority(3), families.grid(2, 2)], columns=["nodes", "load"]).table()["nodes"]
    [3, 4]
    """
    return Comparison(*systems_run("compare", systems, options))


def transition(old: Asked, new: Asked, **options: Any) -> Answer:
    """Whether one system may follow another: at once, by way of a joint system, or not at all.

    >>> a, b, c, d = map(Node, "abcd")
    >>> from quorate import majority
    >>> transition(majority(a, b, c), majority(b, c, d)).status  # 1: not at once
    1
    """
    names, files = as_files([as_system(old), as_system(new)])
    return Answer(["transition", *names, *options_words(options)], files)


def search(
    nodes: Iterable[Node] | str | os.PathLike[str],
    read_fraction: Fractions | None = None,
    write_fraction: Fractions | None = None,
    resilience: int = 0,
    f: int = 0,
    optimize: str = "load",
    load_limit: float | None = None,
    network_limit: float | None = None,
    latency_limit: Milliseconds | None = None,
    timeout: Any = None,
    **options: Any,
) -> Found:
    """The best system over these nodes, or those of a file, proven where the space is searched to its end.

    `timeout` is taken for those who come from the peer and changes nothing: the search counts candidates (`budget`), so that the same
    question has the same answer.

    >>> from quorate import Node
    >>> system, strategy = search([Node(x) for x in "abc"], resilience=1, read_fraction=0.5)
    >>> strategy.load(read_fraction=0.5)
    Fraction(2, 3)
    """
    arguments, files, asked = search_run(
        nodes, read_fraction, write_fraction, resilience, f, optimize, load_limit, network_limit, latency_limit, **options
    )
    return Found(arguments, files, None, asked)


class Question(NamedTuple):
    """What a search was asked beside its words."""

    nodes: tuple[Node, ...]
    mix: dict[float, float] | None
    strategy: dict[str, Any]


def search_run(
    nodes: Iterable[Node] | str | os.PathLike[str],
    read_fraction: Fractions | None = None,
    write_fraction: Fractions | None = None,
    resilience: int = 0,
    f: int = 0,
    optimize: str = "load",
    load_limit: float | None = None,
    network_limit: float | None = None,
    latency_limit: Milliseconds | None = None,
    timeout: Any = None,
    **options: Any,
) -> tuple[list[str], Files, Question]:
    """The words and files of a search."""
    asked: dict[str, Any] = {
        "objective": None if optimize == "load" else optimize,
        "min_resilience": resilience or None,
        "survive": f or None,
        "max_load": load_limit,
        "max_network": network_limit,
        "max_latency": None if latency_limit is None else milliseconds(latency_limit),
    }
    given = shares(read_fraction, write_fraction)
    mix = None if given is None else {float(share): float(weight) for share, weight in given.items()}
    if isinstance(nodes, (str, os.PathLike)):
        path = os.fspath(nodes)
        text = Path(path).read_bytes()
        members = _members(text, path)
        if mix is not None and len(mix) > 1:
            raise UsageError("a distribution of read fractions goes into the [workload] of the file")
        asked["read_fraction"] = None if mix is None else next(iter(mix))
    else:
        path, members = "nodes", list(nodes)
        text = ("\n".join(nodes_toml(members) + workload_toml(mix)) + "\n").encode()
    limits = {"optimize": optimize, "load_limit": load_limit, "network_limit": network_limit, "latency_limit": latency_limit, "f": f}
    arguments = ["search", f"--nodes={path}", *options_words({**asked, **options})]
    return arguments, {path: text}, Question(tuple(members), mix, {**limits, "read_fraction": mix})


def _members(text: bytes, file: str) -> list[Node]:
    """The nodes of a file of nodes."""

    def node(one: Mapping[str, Any]) -> Node:
        capacities = {key: one[key] for key in ("read_capacity", "write_capacity") if one["has_capacity"]}
        return Node(one["name"], **capacities, latency=one["latency_ms"],
                    failure_probability=one["failure_probability"], zone=next(iter(one["zones"]), None))

    return [node(one) for one in _quorate.nodes(text, file)]


def check(history: Any, **options: Any) -> Checked:
    """Whether histories are safe, regular, atomic (linearizable), sequential or causal: with a witness where not.

    `history` is a path, a list of dictionaries, a data frame, a table, or text; or a dictionary of several by name.

    >>> history = [
    ...     {"process": 0, "op": "write", "value": 1, "start": 0, "end": 1},
    ...     {"process": 1, "op": "read", "value": 0, "start": 2, "end": 3},
    ... ]
    >>> checked = check(history)
    >>> checked.holds, checked.atomic.verdict, checked.atomic.witness.rule
    (False, 'violated', 'stale read')
    """
    names, files = histories_files(history)
    return Checked(["check", *names, *options_words(options)], files)


def _with_faults(options: dict[str, Any], files: Files) -> dict[str, Any]:
    faults = options.get("faults")
    if isinstance(faults, str) and "\n" in faults:
        files["faults.toml"] = faults.encode()
        return {**options, "faults": "faults.toml"}
    return options


def simulate_run(system: Asked, options: dict[str, Any]) -> tuple[list[str], Files]:
    """The words and files of a simulation."""
    names, files = as_files([as_system(system)])
    options = _with_faults(dict(options), files)
    seeds = options.get("seeds")
    if isinstance(seeds, range):
        options["seeds"] = f"{seeds.start}..{seeds[-1]}"
    elif isinstance(seeds, tuple):
        options["seeds"] = f"{seeds[0]}..{seeds[1]}"
    return ["simulate", *names, *options_words(options)], files


def simulate(system: Asked, **options: Any) -> Simulation:
    """Runs a replicated register or key-value store over a system, in virtual time and under faults, and checks its history.

    `seed=7` is one run; `seeds=(1, 1000)` or `seeds=range(1, 1001)` a campaign. `faults` is a path, or the text of a file of faults.

    >>> from quorate import families
    >>> run = simulate(families.majority(3), ops=20, seed=7)
    >>> run.holds, run.seed, run.check.atomic, len(run.history())
    (True, 7, 'holds', 20)
    """
    arguments, files = simulate_run(system, options)
    return Simulation(arguments, files)


def verify_run(systems: Asked | Iterable[Asked], options: dict[str, Any]) -> tuple[list[str], Files]:
    """The words and files of a verification."""
    return systems_run("verify", systems, options)


def verify(systems: Asked | Iterable[Asked], **options: Any) -> Verification:
    """Holds predictions against a running register: load, availability, resilience, consistency, staleness.

    >>> from quorate import families
    >>> verify(families.majority(3), epochs=20, executions=2, operations=300).holds
    True
    """
    return Verification(*verify_run(systems, options))


def sweep_run(family: str, options: dict[str, Any]) -> tuple[list[str], Files]:
    """The words of a sweep."""
    return ["sweep", family.replace("_", "-"), *options_words(options)], {}


def sweep(family: str, **options: Any) -> Comparison:
    """Follows a family over its parameters: `n=range(3, 30, 2)`.

    >>> sweep("majority", n=range(3, 8, 2)).table()["nodes"]
    [3, 5, 7]
    """
    return Comparison(*sweep_run(family, options))


def flp(**options: Any) -> Answer:
    """The impossibility theorem made concrete: a schedule on which a deterministic protocol never decides."""
    return Answer(["flp", *options_words(options)], {})


def replication(system: Asked, **options: Any) -> Answer:
    """Replication strategies side by side, in virtual time."""
    names, files = as_files([as_system(system)])
    return Answer(["replication", *names, *options_words(_with_faults(options, files))], files)


def explain(word: str) -> str:
    """What a word means that the program prints.

    >>> explain("resilience").splitlines()[0][:10]
    'resilience'
    """
    return run(["explain", word]).output.decode()
