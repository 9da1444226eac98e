"""Divided runs have the bytes of the undivided one: wherever they run, however they are cut, and whoever is lost on the way."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

import quorate as q
from quorate import Node, distributed, families

CAMPAIGN = {"seeds": (1, 24), "ops": 20}


@pytest.fixture(scope="module")
def whole():
    return q.simulate(families.majority(3), **CAMPAIGN)


@pytest.mark.parametrize("parts", [1, 2, 3, 7, 16])
def test_campaigns(whole, parts):
    divided = distributed.simulate(families.majority(3), **CAMPAIGN, parts=parts)
    assert divided.json == whole.json and divided.status == whole.status


def test_a_campaign_with_violations():
    unfit = {"seeds": (0, 11), "ops": 40, "clients": 4, "unsafe": True}
    system = families.threshold(3, 1, 1)
    whole = q.simulate(system, **unfit)
    assert whole.status == 1 and whole.to_dict()["violations"]
    assert distributed.simulate(system, **unfit, parts=5).json == whole.json


def test_sweeps_analyses_comparisons_and_verifications():
    systems = [families.majority(3), families.grid(2, 3), families.rowa(4)]
    assert distributed.sweep("majority", n=range(2, 9), parts=3).json == q.sweep("majority", n=range(2, 9)).json
    assert distributed.analyze(systems, parts=2).json == q.analyze(systems).json
    assert distributed.compare(systems, parts=3).json == q.compare(systems).json
    few = {"epochs": 10, "executions": 2, "operations": 200}
    assert distributed.verify(systems[:2], **few, parts=2).json == q.verify(systems[:2], **few).json


def test_searches():
    nodes = [Node(x, capacity=at + 1) for at, x in enumerate("abc")]
    asked = {"resilience": 1, "read_fraction": 0.7}
    divided, whole = distributed.search(nodes, **asked), q.search(nodes, **asked)
    assert divided.json == whole.json
    assert divided.best == whole.best and divided.strategy.load() == whole.strategy.load()


def test_threads_and_processes(whole):
    with ThreadPoolExecutor(3) as pool:
        assert distributed.simulate(families.majority(3), **CAMPAIGN, executor=pool, parts=5).json == whole.json
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert distributed.simulate(families.majority(3), **CAMPAIGN, executor=pool).json == whole.json
    assert distributed.simulate(families.majority(3), **CAMPAIGN, processes=2, parts=6).json == whole.json


def _dies_once(task):
    """Work whose worker is killed in the middle, the first time."""
    mark = os.environ["QUORATE_TEST_MARK"]
    try:
        os.close(os.open(f"{mark}-{task.part}", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return distributed.work(task)
    if task.part == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return distributed.work(task)


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals")
def test_a_process_that_is_killed_is_replaced(whole, tmp_path, monkeypatch):
    monkeypatch.setenv("QUORATE_TEST_MARK", str(tmp_path / "mark"))
    arguments, files = q.commands.simulate_run(families.majority(3), CAMPAIGN)
    run = distributed.Divided(arguments, files, processes=2, parts=6, work=_dies_once)
    assert run.result().output.decode() == whole.json
    assert (tmp_path / "mark-2").exists()


def test_a_worker_that_fails_for_ever_is_given_up(tmp_path):
    def fails(task, stop=None):
        raise OSError("no room")

    arguments, files = q.commands.simulate_run(families.majority(3), CAMPAIGN)
    with ThreadPoolExecutor(2) as pool, pytest.raises(OSError, match="no room"):
        distributed.Divided(arguments, files, executor=pool, parts=3, retries=2, work=fails).result()


def test_what_is_refused_is_not_tried_again():
    calls = []

    def counted(task, stop=None):
        calls.append(task.part)
        return distributed.work(task)

    arguments, files = q.commands.simulate_run(families.majority(3), {"seeds": (1, 5), "protocol": "nonsense"})
    with ThreadPoolExecutor(1) as pool, pytest.raises(q.UsageError, match="nonsense"):
        distributed.Divided(arguments, files, executor=pool, parts=1, work=counted).result()
    assert calls == [1]
    with pytest.raises(q.UsageError, match="one seed"):
        distributed.simulate(families.majority(3), seed=1, ops=5, parts=2)


def test_workers_of_another_version_are_refused():
    arguments, files = q.commands.simulate_run(families.majority(3), CAMPAIGN)
    task = distributed.Divided(arguments, files, parts=2).task(1)
    with pytest.raises(q.OtherVersionError, match="0.0.9"):
        distributed.work(task._replace(version="0.0.9"))


def test_parts_of_another_version_are_refused(tmp_path):
    arguments, files = q.commands.simulate_run(families.majority(3), CAMPAIGN)
    run = distributed.Divided(arguments, files, parts=2, folder=tmp_path)
    run.result()
    path = tmp_path / "1-of-2.part"
    part = json.loads(path.read_bytes())
    path.write_text(json.dumps({**part, "version": "0.0.9"}))
    with pytest.raises(q.QuorateError, match="digests"):
        distributed.Divided(arguments, files, parts=2, folder=tmp_path).result()


def test_a_run_goes_on_where_it_ended(whole, tmp_path):
    arguments, files = q.commands.simulate_run(families.majority(3), CAMPAIGN)
    run = distributed.Divided(arguments, files, parts=4, folder=tmp_path)
    for part in (1, 3):
        run._keep(part, distributed.work(run.task(part)))
    seen, told = [], []

    def counted(task, stop=None):
        seen.append(task.part)
        return distributed.work(task, stop)

    again = distributed.Divided(arguments, files, parts=4, folder=tmp_path, work=counted, progress=lambda *done: told.append(done))
    assert again.result().output.decode() == whole.json
    assert sorted(seen) == [2, 4] and told == [(2, 4), (3, 4), (4, 4)]
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{part}-of-4.part" for part in (1, 2, 3, 4)]
    others, files = q.commands.simulate_run(families.majority(3), {**CAMPAIGN, "ops": 21})
    with pytest.raises(q.UsageError, match="another run"):
        distributed.Divided(others, files, parts=4, folder=tmp_path).result()


def test_a_definition_that_changes_is_another_run(tmp_path):
    arguments, files = q.commands.simulate_run(families.majority(3), CAMPAIGN)
    distributed.Divided(arguments, files, parts=2, folder=tmp_path).result()
    same, others = q.commands.simulate_run(families.majority(5), CAMPAIGN)
    assert same == arguments
    with pytest.raises(q.QuorateError, match="definition"):
        distributed.Divided(same, others, parts=2, folder=tmp_path).result()


def test_dask(whole, tmp_path):
    cluster = pytest.importorskip("distributed")
    with cluster.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=str(tmp_path)) as local, \
            cluster.Client(local) as client:
        assert distributed.simulate(families.majority(3), **CAMPAIGN, client=client).json == whole.json
        pids = client.run(os.getpid)
        long = {"seeds": (1, 400), "ops": 40}
        killed = []

        def kill(done, of):
            # In the middle of the run, a worker dies.
            if done >= 2 and not killed:
                killed.append(next(iter(pids.values())))
                os.kill(killed[0], signal.SIGKILL)

        divided = distributed.simulate(families.majority(3), **long, client=client, parts=16, progress=kill)
        assert killed and divided.json == q.simulate(families.majority(3), **long).json


def test_ray(whole, monkeypatch):
    ray = pytest.importorskip("ray")
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    ray.init(num_cpus=2, include_dashboard=False)
    try:
        assert distributed.simulate(families.majority(3), **CAMPAIGN, ray=ray, parts=4).json == whole.json
    finally:
        ray.shutdown()
