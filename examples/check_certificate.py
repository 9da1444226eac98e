#!/usr/bin/env python3
"""Checks the proofs in what `quorate analyze SPEC --certificate --format json` writes, from that file alone:

    quorate analyze quorum-defs/grid-3x3.toml --certificate --format json | python3 examples/check_certificate.py
"""
import itertools, json, sys
from fractions import Fraction as F

def surviving(quorums, losses):
    """Sets that contain a quorum whichever `losses` of their members are lost; every such set contains one of these."""
    found, seen, grow = [], set(), [frozenset()]
    while grow:
        known = grow.pop()
        lost = (set(some) for some in itertools.combinations(sorted(known), min(losses, len(known))))
        lost = next((some for some in lost if not any(quorum <= known - some for quorum in quorums)), None)
        larger = [] if lost is None else {known | quorum for quorum in quorums if not quorum & lost} - seen
        found, grow = found + [known] * (lost is None), grow + list(larger)
        seen |= set(larger)
    return found

def check(system, optimum):
    proof, node, given = optimum["certificate"], system["node"], optimum["read_fraction"]
    shares = given if isinstance(given, list) else [{"fraction": given, "weight": 1}]
    shares = [(F(share["fraction"]), F(share["weight"]) / sum(F(each["weight"]) for each in shares)) for share in shares]
    tables = proof["prices"] if isinstance(proof["prices"], list) else [proof["prices"]]
    tables = [{name: F(price) for name, price in table.items()} for table in tables]
    limits = {key: F(limit) for key, limit in proof.get("limits", {}).items()}
    price = {key: F(price) for key, price in proof.get("limit_prices", {}).items()}
    objective = optimum["objective"].replace("latency", "latency_ms")
    assert price.keys() == limits.keys() and objective not in limits and len(tables) == len(shares), "the prices do not fit"
    bound, reached = -sum(price[key] * limits[key] for key in limits), dict.fromkeys(("load", "network", "latency_ms"), F(0))
    price = {key: F(key == objective) + price.get(key, 0) for key in reached}
    loads = [dict.fromkeys(node, F(0)) for share in shares]
    assert min(price.values()) >= 0 and all(min(table.values()) >= 0 for table in tables), "a price is negative"
    assert all(sum(y.values()) == w * price["load"] for (f, w), y in zip(shares, tables)), "the prices have another sum"
    for kind in ("reads", "writes"):
        drawn = [(frozenset(each["quorum"]), F(each["probability"])) for each in proof["strategy"][kind]]
        part = [f if kind == "reads" else 1 - f for f, w in shares]
        mean = sum(w * g for (f, w), g in zip(shares, part))
        assert all(p > 0 for _, p in drawn) and sum(p for _, p in drawn) == (mean > 0), "no distribution"
        if mean > 0:
            assert system[kind]["quorums_complete"], "not all quorums are listed: add --quorums N"
            quorums = [frozenset(quorum) for quorum in system[kind]["quorums"]]
            able, timed = surviving(quorums, proof.get("survive", 0)), "latency_ms" in limits or objective == "latency_ms"
            slowest = lambda nodes: max(F(node[name]["latency_ms"]) for name in nodes) if timed else 0
            use = {name: [g / F(node[name][kind[:-1] + "_capacity"]) for g in part] for name in node}
            for nodes, p in drawn:
                assert any(least <= nodes for least in able), "no quorum"
                reached["network"] += mean * p * len(nodes)
                reached["latency_ms"] += mean * p * min(slowest(quorum) for quorum in quorums if quorum <= nodes)
                for share, load in enumerate(loads):
                    load.update((name, load[name] + p * use[name][share]) for name in nodes)
            cost = {name: sum(y[name] * u for y, u in zip(tables, use[name])) + price["network"] * mean for name in node}
            ways = itertools.product(able, quorums) if timed and proof.get("survive") else zip(able, able)
            bound += min(sum(cost[name] for name in nodes | first) + price["latency_ms"] * mean * slowest(first) for nodes, first in ways)
    reached["load"] = sum(w * max(load.values()) for (f, w), load in zip(shares, loads))
    assert all(reached[key] <= limits[key] for key in limits), "a limit is passed"
    assert reached[objective] == bound == F(optimum["exact"]), f"{optimum['exact']} is claimed, {reached[objective]} reached, {bound} proven"
    return f"{system['name']}: {optimum['objective']} {optimum['exact']} is the least"

for system in json.load(sys.stdin, parse_float=F)["systems"]:
    for optimum in system["optimum"]:
        print(check(system, optimum) if optimum["certificate"] else f"{system['name']}: no certificate")
