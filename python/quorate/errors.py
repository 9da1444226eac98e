"""What goes wrong, and where: exceptions with file, line, column and help."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Mistake(NamedTuple):
    """One thing that is wrong."""

    file: str | None
    """The file that it is in."""
    line: int | None
    """The line, counted from 1."""
    column: int | None
    """The column in characters, counted from 1."""
    message: str
    """What is wrong, in one sentence."""
    help: str | None
    """What would be right."""


class QuorateError(Exception):
    """Anything that quorate refuses; file, line, column, message and help are those of the first mistake."""

    def __init__(self, text: str, mistakes: Iterable[tuple] = ()) -> None:
        super().__init__(text)
        self.mistakes: tuple[Mistake, ...] = tuple(Mistake(*mistake) for mistake in mistakes)
        first = self.mistakes[0] if self.mistakes else Mistake(None, None, None, text, None)
        self.file, self.line, self.column, self.message, self.help = first

    def __reduce__(self):
        return type(self), (self.args[0], tuple(map(tuple, self.mistakes)))


class DefinitionError(QuorateError, ValueError):
    """A definition that is not valid.

    >>> from quorate import System
    >>> try:
    ...     System.parse("name = 'five'\\n[system]\\nfamily = 'majorty'\\n")
    ... except DefinitionError as error:
    ...     print(error.line, error.column, error.help.split("?")[0])
    3 10 did you mean `majority`
    """


class HistoryError(QuorateError, ValueError):
    """A history that cannot be read."""


class UsageError(QuorateError, ValueError):
    """A question that cannot be asked, or not in this way."""


class NoStrategyFoundError(QuorateError, ValueError):
    """No strategy keeps the limits; the message says what would be possible."""


class OtherVersionError(QuorateError):
    """A worker, or a part of a run, of another version than the one that asks."""
