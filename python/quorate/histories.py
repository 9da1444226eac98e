"""Histories in the shapes in which people have them: files, dictionaries, data frames, tables, text."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .running import Files

#: What a history without a name is called.
NAME = "history"


def histories_files(history: Any) -> tuple[list[str], Files]:
    """Their names, and the content of those that are no files."""
    if isinstance(history, (str, os.PathLike)) and not _is_text(history):
        return [os.fspath(history)], {}
    if isinstance(history, list) and history and all(isinstance(one, (str, os.PathLike)) for one in history):
        return [os.fspath(one) for one in history], {}
    if isinstance(history, Mapping) and not _is_table(history):
        files = {str(name): history_bytes(one) for name, one in history.items()}
        return list(files), files
    return [NAME], {NAME: history_bytes(history)}


def _is_text(history: Any) -> bool:
    return isinstance(history, str) and ("\n" in history or history.lstrip().startswith(("{", "[")))


def _is_table(history: Mapping) -> bool:
    """Whether it is columns by name, and not histories by name."""
    return {"process", "op"} <= set(history)


def history_bytes(history: Any) -> bytes:
    """One history as JSON Lines.

    >>> history_bytes([{"process": 0, "op": "read", "value": None, "start": 1, "end": float("nan")}])
    b'{"process": 0, "op": "read", "value": null, "start": 1, "end": null}\\n'
    """
    if isinstance(history, bytes):
        return history
    if isinstance(history, str):
        return history.encode() if _is_text(history) else Path(history).read_bytes()
    if isinstance(history, os.PathLike):
        return Path(history).read_bytes()
    return b"".join(json.dumps(_plain(row), default=_scalar).encode() + b"\n" for row in _rows(history))


def _rows(history: Any) -> Iterable[Mapping[str, Any]]:
    if hasattr(history, "rows") and hasattr(history, "__arrow_c_stream__") and hasattr(history, "keys"):
        return history.rows()
    # Data frames of pandas, of polars, tables of pyarrow.
    if hasattr(history, "to_dicts"):
        return history.to_dicts()
    if hasattr(history, "to_pylist"):
        return history.to_pylist()
    if hasattr(history, "to_dict") and hasattr(history, "columns"):
        return history.to_dict(orient="records")
    if isinstance(history, Mapping):
        columns = {name: list(column) for name, column in history.items()}
        if len({len(column) for column in columns.values()}) > 1:
            raise ValueError("the columns of a history are of one length")
        return [dict(zip(columns, values)) for values in zip(*columns.values())]
    return history


#: Times, which data frames turn into floats where one is missing.
_TIMES = ("start", "end", "time")


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without what data frames put in the place of what is missing."""
    found = {}
    for name, value in row.items():
        is_missing = isinstance(value, float) and math.isnan(value)
        if type(value).__name__ in ("NAType", "NaTType"):
            is_missing = True
        value = None if is_missing else value
        if name in (*_TIMES, "process") and isinstance(value, float) and value.is_integer():
            value = int(value)
        found[str(name)] = value
    return found


def _scalar(value: Any) -> Any:
    if hasattr(value, "item"):
        return value.item()
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a history has no values of {type(value).__name__}")
