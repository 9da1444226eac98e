"""What tests share: the root of the repository, and the program that they are compared with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def program() -> list[str]:
    """The program: that of QUORATE, as the gate built it, or else the one of the package."""
    return [os.environ["QUORATE"]] if "QUORATE" in os.environ else [sys.executable, "-m", "quorate"]


@pytest.fixture(scope="session")
def quorate():
    """Runs the program in the root of the repository, and gives its standard output."""

    def run(*arguments: str) -> bytes:
        return subprocess.run([*program(), *arguments], cwd=ROOT, capture_output=True, check=False).stdout

    return run


@pytest.fixture
def root(monkeypatch):
    """The root of the repository, as the folder of this process."""
    monkeypatch.chdir(ROOT)
    return ROOT
