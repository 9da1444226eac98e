"""`python -m quorate`: the program itself."""

from __future__ import annotations

import signal
import sys

from . import _quorate


def main() -> int:
    """Runs the program with the arguments of this process."""
    # The program hears signals itself.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return _quorate.main(["quorate", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
