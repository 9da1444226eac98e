"""What people who come from quoracle know how to write, line for line of its tutorial, written anew: the same calls, exact numbers."""

from __future__ import annotations

import datetime
from fractions import Fraction

import pytest

from quorate import NoStrategyFoundError, Node, QuorumSystem, choose, majority, search


def seconds(count):
    return datetime.timedelta(seconds=count)


def nodes(**more):
    return [Node(x, **{key: values[at] for key, values in more.items()}) for at, x in enumerate("abcdef")]


def grid_of(six):
    a, b, c, d, e, f = six
    return QuorumSystem(reads=a*b*c + d*e*f)


def test_quorum_systems():
    a, b, c, d, e, f = nodes()
    grid = grid_of((a, b, c, d, e, f))
    assert sorted(map(sorted, grid.read_quorums())) == [["a", "b", "c"], ["d", "e", "f"]]
    assert len(list(grid.write_quorums())) == 9
    assert len(list(QuorumSystem(writes=(a + b + c) * (d + e + f)).read_quorums())) == 2
    QuorumSystem(reads=a*b*c + d*e*f, writes=(a + b + c) * (d + e + f))
    with pytest.raises(ValueError, match="Not all read quorums intersect all write quorums"):
        QuorumSystem(reads=a + b + c, writes=d + e + f)
    assert [grid.is_read_quorum(xs) for xs in ({"a", "b", "c"}, {"a", "b", "c", "d"}, {"a", "b", "d"})] == [True, True, False]
    assert [grid.is_write_quorum(xs) for xs in ({"a", "d"}, {"a", "d", "d"}, {"a", "b"})] == [True, True, False]


def test_resilience():
    grid = grid_of(nodes())
    assert (grid.read_resilience(), grid.write_resilience(), grid.resilience()) == (1, 2, 1)


def test_strategies_and_load():
    six = a, b, c, d, e, f = nodes()
    grid = grid_of(six)
    sigma_r = {frozenset({"a", "b", "c"}): 2.0, frozenset({"d", "e", "f"}): 1.0}
    sigma_w = {frozenset({"a", "d"}): 1.0, frozenset({"b", "e"}): 1.0, frozenset({"c", "f"}): 1.0}
    strategy = grid.make_strategy(sigma_r, sigma_w)
    assert all(grid.is_read_quorum(strategy.get_read_quorum()) for _ in range(4))
    assert all(grid.is_write_quorum(strategy.get_write_quorum()) for _ in range(4))
    assert strategy.load(read_fraction=1) == Fraction(2, 3)
    assert strategy.load(write_fraction=1) == Fraction(1, 3)
    assert strategy.load(read_fraction=0.25) == Fraction(5, 12)
    loads = [strategy.node_load(node, read_fraction=0.25) for node in six]
    assert loads == [Fraction(5, 12)] * 3 + [Fraction(1, 3)] * 3

    strategy = grid.strategy(read_fraction=0.25)
    assert strategy.load(read_fraction=0.25) == Fraction(3, 8)
    assert [strategy.load(read_fraction=share) for share in (0, 0.5, 1)] == [Fraction(1, 3), Fraction(5, 12), Fraction(1, 2)]
    assert grid.load(read_fraction=0.25) == Fraction(3, 8)
    assert grid.capacity(read_fraction=0.25) == Fraction(8, 3)


def test_workload_distributions():
    grid = grid_of(nodes())
    distribution = {0.1: 0.5, 0.75: 0.5}
    load = grid.strategy(read_fraction=distribution).load(read_fraction=distribution)
    assert float(load) == pytest.approx(0.404, abs=5e-4)
    assert load == Fraction(97, 240)


def test_heterogeneous_nodes():
    capacities = [1000, 500] * 3
    strategy = grid_of(nodes(capacity=capacities)).strategy(read_fraction=0.75)
    assert strategy.load(read_fraction=0.75) == Fraction(3, 4000)
    assert strategy.capacity(read_fraction=0.75) == Fraction(4000, 3)

    six = nodes(write_capacity=capacities, read_capacity=[10 * one for one in capacities])
    grid = grid_of(six)
    assert [round(float(grid.capacity(read_fraction=share))) for share in (1, 0.5, 0)] == [10_000, 3913, 2000]
    strategy = grid.strategy(read_fraction=0.5, f=1)
    read = strategy.get_read_quorum()
    assert all(grid.is_read_quorum(read - {x}) for x in read)
    assert grid.capacity(write_fraction=1, f=0) == 2000
    assert grid.capacity(write_fraction=1, f=1) == 1000
    write2 = QuorumSystem(writes=choose(2, six[:5]))
    assert write2.capacity(write_fraction=1, f=0) == 2000
    assert float(write2.capacity(write_fraction=1, f=1)) == pytest.approx(4000 / 3)


@pytest.fixture
def slow():
    capacities = [1000, 500] * 3
    return nodes(write_capacity=capacities, read_capacity=[10 * one for one in capacities], latency=[seconds(x) for x in range(1, 7)])


def test_latency(slow):
    grid = grid_of(slow)
    sigma = grid.strategy(read_fraction=0.5, optimize="latency")
    assert sigma.latency(read_fraction=1) == seconds(3)
    assert sigma.latency(read_fraction=0) == seconds(4)
    assert sigma.latency(read_fraction=0.5) == seconds(3.5)
    assert grid.latency(read_fraction=0.5, optimize="latency") == seconds(3.5)

    sigma = grid.strategy(read_fraction=0.5, optimize="latency", load_limit=1 / 1500)
    assert float(sigma.capacity(read_fraction=0.5)) >= 1500 * (1 - 1e-9)
    sigma = grid.strategy(read_fraction=0.5, optimize="load", latency_limit=seconds(4))
    assert sigma.latency(read_fraction=0.5) <= seconds(4)
    with pytest.raises(NoStrategyFoundError, match="least that is possible"):
        grid.strategy(read_fraction=0.5, optimize="load", latency_limit=seconds(1))


def test_network(slow):
    grid = grid_of(slow)
    sigma = grid.strategy(read_fraction=0.5, optimize="network")
    assert sigma.network_load(read_fraction=0.5) == Fraction(5, 2)
    assert grid.network_load(read_fraction=0.5, optimize="network") == Fraction(5, 2)
    assert grid.strategy(read_fraction=0.5, optimize="network", load_limit=1 / 2000, latency_limit=seconds(4)).latency(read_fraction=0.5) <= seconds(4)


def test_search(slow):
    system, sigma = search(nodes=slow, resilience=1, f=1, read_fraction=0.75, optimize="load", latency_limit=seconds(4),
                           network_limit=4, timeout=seconds(60), budget=20_000)
    assert system.resilience() >= 1
    assert sigma.latency(read_fraction=0.75) <= seconds(4)
    assert float(sigma.network_load(read_fraction=0.75)) <= 4 + 1e-9


# The case study of the paper, with its numbers.

MIX = {0.9: 10, 0.8: 20, 0.7: 100, 0.6: 100, 0.5: 100, 0.4: 60, 0.3: 30, 0.2: 30, 0.1: 20}


@pytest.fixture
def five():
    write = [2000, 1000, 2000, 1000, 2000]
    latency = [1, 1, 3, 4, 5]
    return [Node(x, write_capacity=w, read_capacity=2 * w, latency=seconds(t)) for x, w, t in zip("abcde", write, latency)]


def test_the_case_study(five):
    a, b, c, d, e = five
    majorities = QuorumSystem(reads=majority(five))
    grid = QuorumSystem(reads=a*b + c*d*e)
    paths = QuorumSystem(reads=a*b + a*c*e + d*e + d*c*b)
    assert round(float(majorities.uniform_strategy().capacity(read_fraction=MIX))) == 2292
    assert round(float(majorities.capacity(read_fraction=MIX))) == 3667
    assert round(float(grid.capacity(read_fraction=MIX))) == 4200
    assert round(float(paths.capacity(read_fraction=MIX))) == 4125
    best, sigma = search(nodes=five, resilience=1, read_fraction=MIX)
    assert round(float(sigma.capacity(read_fraction=MIX))) == 5005
    assert best.resilience() == 1
