"""Runs of the program in this process: options become its words, and what was wrong becomes an exception."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from . import _quorate
from .errors import DefinitionError, HistoryError, QuorateError, UsageError

Files = dict[str, bytes]

COULD_NOT_RUN = 2


class Ran(NamedTuple):
    """What came of a run."""

    status: int
    """0 done, 1 a negative answer, 3 undecided within the limits."""
    output: bytes
    """What the program prints."""
    said: str
    """What it says beside, as notes."""


def word(value: Any) -> str:
    """A value as the program reads it.

    >>> word(Fraction(1, 2)), word([0.1, 0.5]), word((1, 100)), word(datetime.timedelta(seconds=1))
    ('0.5', '0.1,0.5', '1,100', '1000.0')
    """
    if isinstance(value, Fraction):
        return repr(float(value))
    if isinstance(value, datetime.timedelta):
        return repr(value / datetime.timedelta(milliseconds=1))
    if isinstance(value, range):
        step = f":{value.step}" if value.step != 1 else ""
        return f"{value.start}..={value[-1]}{step}"
    if isinstance(value, (str, os.PathLike)):
        return os.fspath(value)
    if isinstance(value, Iterable):
        return ",".join(word(one) for one in value)
    return str(value)


def words(options: Mapping[str, Any]) -> list[str]:
    """Options as flags: `read_fraction=0.9` is `--read-fraction=0.9`, `unsafe=True` is `--unsafe`, `None` is left out.

    >>> words({"read_fraction": [0.1, 0.9], "unsafe": True, "from_": None})
    ['--read-fraction=0.1,0.9', '--unsafe']
    """
    found = []
    for name, value in options.items():
        if value is None or value is False:
            continue
        flag = "--" + name.rstrip("_").replace("_", "-")
        found.append(flag if value is True else f"{flag}={word(value)}")
    return found


def run(arguments: list[str], files: Files | None = None) -> Ran:
    """Runs the program.

    Raises `DefinitionError`, `HistoryError` or `UsageError` where it could not run.

    >>> run(["analyze", "-e", "a*b + c", "--format=csv"]).output.decode().splitlines()[0][:18]
    'system,family,node'
    """
    status, output, said, mistakes = _quorate.run(arguments, files or {})
    if status == COULD_NOT_RUN:
        raise refusal(arguments, said, mistakes)
    return Ran(status, output, said)


def refusal(arguments: list[str], said: str, mistakes: list[tuple]) -> QuorateError:
    """The exception for what was wrong."""
    kind: type[QuorateError] = UsageError
    if any(column is not None for _, _, column, _, _ in mistakes):
        kind = DefinitionError
    elif arguments[0] == "check" and any(file is not None for file, *_ in mistakes):
        kind = HistoryError
    return kind(said.strip(), mistakes)
