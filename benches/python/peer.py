"""How much faster than the peer, in the same run: `pip install ./python quoracle && python benches/python/peer.py`.

Its tutorial's grid and majority at 15 nodes, and the case study of its paper; the numbers must agree. Then what a call costs beside the work.
"""

from __future__ import annotations

import time

import quoracle

import quorate

NAMES = [f"n{at}" for at in range(15)]


def seconds(work, times=1):
    best = float("inf")
    for _ in range(3 if times > 1 else 1):
        began = time.perf_counter()
        for _ in range(times):
            found = work()
        best = min(best, (time.perf_counter() - began) / times)
    return best, float(found)


def product(nodes):
    found = nodes[0]
    for node in nodes[1:]:
        found = found * node
    return found


def questions(library):
    nodes = [library.Node(name) for name in NAMES]
    rows = [product(nodes[at : at + 5]) for at in (0, 5, 10)]
    grid = library.QuorumSystem(reads=rows[0] + rows[1] + rows[2])
    majority = library.QuorumSystem(reads=library.majority(nodes))
    mix = {0.9: 10.0, 0.8: 20.0, 0.7: 100.0, 0.6: 100.0, 0.5: 100.0, 0.4: 60.0, 0.3: 30.0, 0.2: 30.0, 0.1: 20.0}
    return {
        "grid of 15, load": lambda: grid.load(read_fraction=0.25),
        "grid of 15, a distribution": lambda: grid.load(read_fraction=mix),
        "majority of 15, load": lambda: majority.load(read_fraction=0.5),
        "majority of 15, resilience": lambda: majority.resilience(),
    }


def main():
    print("| question | quoracle | quorate | times |\n| --- | --- | --- | --- |")
    peers, own = questions(quoracle), questions(quorate)
    for name, ask in peers.items():
        slow, expected = seconds(ask)
        fast, found = seconds(own[name], 20)
        assert abs(expected - found) < 1e-6 * expected, (name, expected, found)
        print(f"| {name} | {slow * 1e3:.1f} ms | {fast * 1e6:.0f} us | {slow / fast:,.0f} |")
    small = quorate.families.majority(5)
    for name, ask in {"resilience": small.resilience, "load": small.load}.items():
        took, _ = seconds(ask, 1000)
        print(f"{name} of a majority of 5: {took * 1e6:.0f} us a call")


if __name__ == "__main__":
    main()
