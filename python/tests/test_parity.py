"""What Python says is what the program says, for everything that is shipped."""

from __future__ import annotations

import json

import pytest
from conftest import ROOT

import quorate as q

DEFINITIONS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "quorum-defs").rglob("*.toml")
                     if not {"faults", "scenarios"} & set(path.parts))
CONFIGURATIONS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "quorum-defs" / "import").iterdir())
GOLDEN = ROOT / "tests" / "golden"
HISTORIES = sorted(path.relative_to(ROOT).as_posix() for folder in ("histories", "edges", "histories-as-they-come")
                   for path in (GOLDEN / folder).iterdir() if path.suffix in (".jsonl", ".edn"))


def test_there_is_something_to_compare():
    assert len(DEFINITIONS) > 40 and len(HISTORIES) > 30 and CONFIGURATIONS


@pytest.mark.parametrize("file", DEFINITIONS)
def test_every_definition(file, root, quorate):
    printed = quorate("analyze", file, "--format", "json")
    if not printed:
        with pytest.raises(q.DefinitionError):
            q.System.read(file)
        return
    said = json.loads(printed)
    analysis = q.System.read(file).analyze()
    assert analysis.to_dict() == said
    (system,) = said["systems"]
    assert analysis.resilience == system["resilience"]


@pytest.mark.parametrize("file", CONFIGURATIONS)
def test_every_configuration(file, root, quorate):
    printed = quorate("analyze", file, "--format", "json")
    if not printed:
        with pytest.raises(q.DefinitionError):
            q.System.read(file)
        return
    assert q.System.read(file).analyze().json.encode() == printed


@pytest.mark.parametrize("file", HISTORIES)
def test_every_history(file, root, quorate):
    printed = quorate("check", file, "--format", "json")
    if not printed or "refused" in json.loads(printed) and not json.loads(printed)["histories"]:
        with pytest.raises(q.QuorateError):
            q.check(file)
        return
    assert q.check(file).json.encode() == printed


def test_options_are_those_of_the_program(root, quorate):
    file = "quorum-defs/case-study.toml"
    words = ["--read-fraction", "0.1,0.9", "--failure-probability", "0.01", "--objective", "latency", "--max-load", "0.0005", "--strategy"]
    analysis = q.analyze(file, read_fraction=[0.1, 0.9], failure_probability=0.01, objective="latency", max_load=0.0005, strategy=True)
    assert analysis.json.encode() == quorate("analyze", file, *words, "--format", "json")
    assert analysis.to_text().encode() == quorate("analyze", file, *words)
    assert analysis.to_csv().encode() == quorate("analyze", file, *words, "--format", "csv")
    assert analysis.to_html().encode() == quorate("analyze", file, *words, "--format", "html")
    assert analysis.to_markdown().encode() == quorate("analyze", file, *words, "--format", "markdown")


@pytest.mark.parametrize("words,asked", [
    (["compare", "quorum-defs/fano.toml", "quorum-defs/majority-5.toml"],
     lambda: q.compare(["quorum-defs/fano.toml", "quorum-defs/majority-5.toml"])),
    (["search", "--nodes", "examples/case-study-nodes.toml", "--min-resilience", "1"],
     lambda: q.search("examples/case-study-nodes.toml", resilience=1)),
    (["simulate", "quorum-defs/fano.toml", "--ops", "30", "--seed", "7"],
     lambda: q.simulate("quorum-defs/fano.toml", ops=30, seed=7)),
    (["simulate", "quorum-defs/majority-5.toml", "--protocol", "raft", "--seeds", "1..5", "--ops", "20",
      "--faults", "quorum-defs/faults/storm.toml"],
     lambda: q.simulate("quorum-defs/majority-5.toml", protocol="raft", seeds=range(1, 6), ops=20, faults="quorum-defs/faults/storm.toml")),
    (["verify", "quorum-defs/fano.toml", "--epochs", "20", "--executions", "2", "--operations", "300"],
     lambda: q.verify("quorum-defs/fano.toml", epochs=20, executions=2, operations=300)),
    (["sweep", "grid", "--rows", "2..4", "--failure-probability", "0.1"],
     lambda: q.sweep("grid", rows="2..4", failure_probability=0.1)),
    (["transition", "quorum-defs/majority-4.toml", "quorum-defs/majority-5.toml"],
     lambda: q.transition("quorum-defs/majority-4.toml", "quorum-defs/majority-5.toml")),
])
def test_every_command(words, asked, root, quorate):
    assert asked().json.encode() == quorate(*words, "--format", "json")


def test_single_questions_agree_with_the_analysis(root):
    """Two ways to the same numbers: the methods, which ask the library, and the analysis, which is a run of the program."""
    for file in DEFINITIONS:
        try:
            system = q.System.read(file)
        except q.DefinitionError:
            continue
        one = system.analyze(failure_probability=0.1).to_dict()["systems"][0]
        if one["resilience"] is not None:
            assert system.resilience() == one["resilience"], file
        best = one["optimum"][0]
        if best.get("value") is not None:
            load = system.load()
            assert float(load) == pytest.approx(best["load"], rel=1e-12), file
            assert float(system.capacity()) == pytest.approx(best.get("mean_capacity") or best["capacity"], rel=1e-12), file
        failure = system.failure_probability(0.1)
        row = one["failure_probability"][0]
        if failure.method == row["method"] == "exact" and "zone" not in system.toml and "[[node]]" not in system.toml:
            assert float(failure) == pytest.approx(row["system"], rel=1e-12), file
