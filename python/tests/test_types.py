"""Type checkers pass on the package, on its stubs, and on what people write."""

from __future__ import annotations

import subprocess
import sys

import pytest
from conftest import ROOT

EXAMPLE = '''
from fractions import Fraction
from quorate import Node, QuorumSystem, System, Strategy, choose, distributed, families, majority, search

a, b, c = Node("a"), Node("b", capacity=2), Node("c", latency=3)
system: System = System(reads=a * b + c, writes=choose(2, a, b, c))
load: Fraction | float = system.load(read_fraction={0.5: 1, 0.9: 2})
strategy: Strategy = QuorumSystem(reads=majority([a, b, c])).strategy(optimize="network", load_limit=0.9)
names: set[str] = {str(x) for x in system.elements()}
resilience: int = families.grid(3, 3).resilience()
found = search([a, b, c], resilience=1)
status: int = distributed.simulate(system, seeds=(1, 10)).status
tables: dict[str, list[object]] = system.analyze().table("systems").to_dict()
'''


def mypy(*arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT / "python", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_and_an_example(tmp_path):
    pytest.importorskip("mypy")
    example = tmp_path / "example.py"
    example.write_text(EXAMPLE)
    mypy("mypy", "--ignore-missing-imports", "--cache-dir", str(tmp_path / "cache"), "quorate", str(example))


def test_the_stubs_are_what_is_there():
    pytest.importorskip("mypy")
    mypy("mypy.stubtest", "quorate._quorate")
