"""Tables: columns by name, for data frames of every kind."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from . import _quorate

Column = list[Any]


class Table:
    """Columns of the same length, each of whole numbers, numbers, truths or texts; what is missing is `None`.

    Whoever takes Arrow streams takes it without copying more than once: `polars.DataFrame(table)`,
    `pyarrow.table(table)`, `pandas.DataFrame.from_arrow(table)`, and DuckDB by the name of the variable.

    >>> table = Table({"n": [1, 2], "load": [1.0, None]})
    >>> table["load"], len(table), table.columns
    ([1.0, None], 2, ['n', 'load'])
    """

    def __init__(self, columns: dict[str, Sequence[Any]]) -> None:
        self._columns: dict[str, Column] = {name: list(column) for name, column in columns.items()}
        if len({len(column) for column in self._columns.values()}) > 1:
            raise ValueError("the columns of a table are of one length")

    @classmethod
    def from_csv(cls, text: str) -> Table:
        """The table that a text says, each column of the narrowest kind that has all its values.

        >>> Table.from_csv("n,x,ok,name\\n1,0.5,true,a\\n2,,false,b\\n").to_dict()
        {'n': [1, 2], 'x': [0.5, None], 'ok': [True, False], 'name': ['a', 'b']}
        """
        rows = list(csv.reader(io.StringIO(text)))
        header, body = (rows[0], rows[1:]) if rows else ([], [])
        return cls({name: _typed([row[at] for row in body]) for at, name in enumerate(header)})

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(self._columns)

    def __getitem__(self, name: str) -> Column:
        return self._columns[name]

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()), []))

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def keys(self) -> list[str]:
        """As `columns`, so that `dict(table)` works."""
        return self.columns

    def rows(self) -> Iterator[dict[str, Any]]:
        """Row by row, as dictionaries."""
        for values in zip(*self._columns.values()):
            yield dict(zip(self._columns, values))

    def to_dict(self) -> dict[str, Column]:
        """The columns as lists."""
        return {name: list(column) for name, column in self._columns.items()}

    def to_numpy(self) -> dict[str, Any]:
        """The columns as arrays of numpy; missing numbers are nan."""
        import numpy

        return {name: _array(numpy, column) for name, column in self._columns.items()}

    def to_pandas(self) -> Any:
        """As a data frame of pandas."""
        import pandas  # type: ignore[import-untyped, unused-ignore]

        return pandas.DataFrame(self.to_dict())

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        columns = [[float(value) if isinstance(value, (Fraction, Decimal)) else value for value in column] for column in self._columns.values()]
        return _quorate.arrow_stream(list(self._columns), columns)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and self._columns == other._columns

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Table({len(self)} rows: {', '.join(self._columns)})"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self._columns)
        body = "".join("<tr>" + "".join(f"<td>{html.escape(_cell(value))}</td>" for value in row.values()) + "</tr>"
                       for _, row in zip(range(_ROWS), self.rows()))
        more = f"<p>{len(self)} rows</p>" if len(self) > _ROWS else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"

    def _repr_markdown_(self) -> str:
        def line(cells):
            return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

        rows = [line(map(_cell, row.values())) for _, row in zip(range(_ROWS), self.rows())]
        return "\n".join([line(self._columns), line("---" for _ in self._columns), *rows])


# Rows that a notebook shows.
_ROWS = 60


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def _typed(cells: list[str]) -> Column:
    for kind in (int, float):
        try:
            return [None if cell == "" else kind(cell) for cell in cells] if any(cells) else [None for _ in cells]
        except ValueError:
            continue
    if all(cell in ("", "true", "false") for cell in cells):
        return [None if cell == "" else cell == "true" for cell in cells]
    return [None if cell == "" else cell for cell in cells]


def _array(numpy: Any, column: Column) -> Any:
    column = [float(value) if isinstance(value, (Fraction, Decimal)) else value for value in column]
    if any(isinstance(value, float) for value in column) or (None in column and any(isinstance(v, int) for v in column)):
        return numpy.array([numpy.nan if value is None else value for value in column], dtype=float)
    return numpy.array(column)
