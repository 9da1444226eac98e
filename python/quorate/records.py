"""Answers: what the program says in JSON, with attributes, tables, pages and pictures."""

from __future__ import annotations

import html
import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from .running import Files, Ran, run, words
from .tables import Table

_FRACTION = re.compile(r"-?\d+(/\d+)?\Z")

# Texts that stand for exact numbers.
_EXACT = {"exact"}
_WHOLE = {"count"}


class Record(Mapping):
    """A part of an answer: its keys are attributes too, fractions are fractions and counts are whole numbers.

    >>> Record({"exact": "3/7", "count": "12", "node": {"name": "a"}}).exact
    Fraction(3, 7)
    """

    __slots__ = ("_data",)

    def __init__(self, data: dict[str, Any]) -> None:
        object.__setattr__(self, "_data", data)

    def __getitem__(self, key: str) -> Any:
        return _value(key, self._data[key])

    def __getattr__(self, name: str) -> Any:
        data = object.__getattribute__(self, "_data")
        if name.startswith("_") or name not in data:
            raise AttributeError(f"there is no {name!r} here, but {', '.join(data)}")
        return self[name]

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("an answer does not change")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._data]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and self._data == other._data

    def __hash__(self) -> int:
        return hash(json.dumps(self._data, sort_keys=True))

    def __reduce__(self):
        return Record, (self._data,)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._data)})"

    def to_dict(self) -> dict[str, Any]:
        """The very JSON, as dictionaries, lists, texts and numbers."""
        return json.loads(json.dumps(self._data))

    def _repr_markdown_(self) -> str:
        return _markdown(self._data)

    def _repr_html_(self) -> str:
        return _rows(self._data)


def _value(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return Record(value)
    if isinstance(value, list):
        return [_value(key, one) for one in value]
    if isinstance(value, str) and key in _EXACT and _FRACTION.match(value):
        return Fraction(value)
    if isinstance(value, str) and key in _WHOLE and value.isdecimal():
        return int(value)
    return value


class Answer(Record):
    """A whole answer: a run of the program, and what it printed as JSON."""

    __slots__ = ("_arguments", "_cache", "_files", "_ran")

    #: Words of the program that print each table as CSV; the first is the usual one.
    TABLES: dict[str, list[str]] = {}

    def __init__(self, arguments: list[str], files: Files, ran: Ran | None = None) -> None:
        ran = run([*arguments, "--format=json"], files) if ran is None else ran
        super().__init__(json.loads(ran.output) if ran.output else {})
        for name, value in {"_arguments": arguments, "_files": files, "_ran": ran, "_cache": {}}.items():
            object.__setattr__(self, name, value)

    def __reduce__(self):
        return type(self), (self._arguments, self._files, self._ran)

    @property
    def status(self) -> int:
        """As the program ends: 0 done, 1 a negative answer, 3 undecided within the limits."""
        return self._ran.status

    @property
    def messages(self) -> str:
        """What the program says beside the answer."""
        return self._ran.said

    @property
    def json(self) -> str:
        """What the program prints with `--format json`, byte for byte."""
        return self._ran.output.decode()

    def _printed(self, *more: str) -> str:
        if more not in self._cache:
            self._cache[more] = run([*self._arguments, *more], self._files).output.decode()
        return self._cache[more]

    def to_text(self) -> str:
        """The report as text; the run is repeated, which gives the same answer."""
        return self._printed()

    def to_markdown(self) -> str:
        """The report as Markdown."""
        return self._printed("--format=markdown")

    def to_html(self) -> str:
        """The report as a page for a browser."""
        return self._printed("--format=html")

    def to_csv(self) -> str:
        """The table that the program prints with `--format csv`."""
        return self._printed("--format=csv")

    @property
    def tables(self) -> list[str]:
        """The names of its tables."""
        return list(self.TABLES)

    def table(self, name: str | None = None) -> Table:
        """A table, which pandas, polars, DuckDB and pyarrow take as it is; without a name the usual one.

        >>> from quorate import families
        >>> families.majority(3).analyze().table("node_load")["node"][:3]
        ['n1', 'n2', 'n3']
        """
        if name is not None and name not in self.TABLES:
            raise KeyError(f"no table is called {name!r}: there are {', '.join(self.TABLES)}")
        return Table.from_csv(self._printed(*(self.TABLES[name] if name else ["--format=csv"])))

    def picture(self, name: str | None = None, format: str = "svg") -> Picture:
        """A picture by its name, as SVG, PNG or PDF; the names are those of `--pictures`.

        >>> from quorate import families
        >>> str(families.majority(3).analyze().picture("node-load"))[:4]
        '<svg'
        """
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"picture.{format}"
            named = [f"--pictures={name}"] if name else []
            run([*self._arguments, *named, f"--plot={path}"], self._files)
            if not path.exists():
                raise ValueError("there is no such picture of this answer")
            return Picture(path.read_bytes(), format)

    def _repr_html_(self) -> str:
        return f'<div class="quorate">{_rows(self._headline())}</div>'

    def _repr_markdown_(self) -> str:
        return _markdown(self._headline())

    def _headline(self) -> dict[str, Any]:
        return {key: value for key, value in self._data.items() if key != "schema"}


class Picture:
    """A picture: its bytes, which a notebook shows."""

    def __init__(self, data: bytes, format: str) -> None:
        self.data = data
        self.format = format

    def save(self, path: str | Path) -> None:
        """Writes it into a file, which must not be there yet."""
        with open(path, "xb") as file:
            file.write(self.data)

    def __str__(self) -> str:
        return self.data.decode() if self.format == "svg" else f"a picture as {self.format}"

    def __repr__(self) -> str:
        return f"Picture({len(self.data)} bytes of {self.format})"

    def _repr_svg_(self) -> str | None:
        return self.data.decode() if self.format == "svg" else None

    def _repr_png_(self) -> bytes | None:
        return self.data if self.format == "png" else None


# Entries of a list that a notebook shows.
_SHOWN = 12


def _rows(value: Any, depth: int = 0) -> str:
    """JSON as tables inside each other."""
    if isinstance(value, dict):
        rows = (f"<tr><th style='text-align:left'>{html.escape(str(key))}</th><td style='text-align:left'>{_rows(one, depth + 1)}</td></tr>"
                for key, one in value.items())
        table = f"<table>{''.join(rows)}</table>"
        return table if depth < 2 else f"<details><summary>{len(value)} entries</summary>{table}</details>"
    if isinstance(value, list):
        if all(not isinstance(one, (dict, list)) for one in value):
            more = f" and {len(value) - _SHOWN} more" if len(value) > _SHOWN else ""
            return html.escape(", ".join(map(_scalar, value[:_SHOWN])) + more) or "none"
        shown = "".join(f"<li>{_rows(one, depth + 1)}</li>" for one in value[:_SHOWN])
        more = f"<p>and {len(value) - _SHOWN} more</p>" if len(value) > _SHOWN else ""
        return f"<ol>{shown}</ol>{more}"
    return html.escape(_scalar(value))


def _markdown(value: Any, indent: int = 0) -> str:
    lines = []
    entries = value.items() if isinstance(value, dict) else enumerate(value[:_SHOWN], 1)
    for key, one in entries:
        if isinstance(one, (dict, list)) and one:
            lines.append(f"{'  ' * indent}- **{key}**")
            lines.append(_markdown(one, indent + 1))
        else:
            lines.append(f"{'  ' * indent}- **{key}**: {_scalar(one) if not isinstance(one, (dict, list)) else 'none'}")
    if isinstance(value, list) and len(value) > _SHOWN:
        lines.append(f"{'  ' * indent}- and {len(value) - _SHOWN} more")
    return "\n".join(lines)


def _scalar(value: Any) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def options_words(options: Mapping[str, Any]) -> list[str]:
    """As `words`; what an answer needs for itself is refused."""
    for taken in ("format", "output", "table", "plot", "plots", "csv", "shard", "html", "history"):
        if taken in options:
            raise TypeError(f"{taken!r} is no option here: answers have methods for it")
    return words(options)
