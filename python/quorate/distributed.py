"""Long runs divided over threads, processes and machines, with the bytes of the undivided run.

A run has pieces of work: seeds of a campaign, systems of a sweep, a comparison or a verification. It is divided into parts, by number; each
part is worked on wherever there is room, and what comes of all of them is put together by the program itself, as `quorate merge` does.
Every part says which version, question and definition it is of, and is counted once, however often it was tried.

>>> from quorate import families
>>> whole = simulate(families.majority(3), seeds=(1, 10), ops=10, parts=1)
>>> simulate(families.majority(3), seeds=(1, 10), ops=10, parts=3).json == whole.json
True
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Callable, Iterable
from concurrent import futures
from pathlib import Path
from typing import Any, NamedTuple

from . import _quorate, commands
from .commands import Asked, Comparison, Found, Simulation, Verification
from .errors import OtherVersionError, QuorateError, UsageError
from .records import Answer
from .running import COULD_NOT_RUN, Files, Ran, refusal, run

Progress = Callable[[int, int], None]
"""Told how many parts are done, of how many."""

#: Parts for each worker, so that none waits long for the others.
_PARTS_EACH = 4

#: How often a part is tried again whose worker was lost.
RETRIES = 3


class Task(NamedTuple):
    """A part of a run, as workers get it."""

    version: str
    arguments: tuple[str, ...]
    files: Files
    part: int
    of: int


def work(task: Task, stop: Callable[[], None] | None = None) -> bytes:
    """Works on a part, and gives what came of it; workers of another version refuse."""
    own = _quorate.version()
    if own != task.version:
        raise OtherVersionError(f"this worker has quorate {own}, and the run is of {task.version}: install the same on both")
    arguments = [*task.arguments, f"--shard={task.part}/{task.of}", "--threads=1", "--quiet"]
    status, output, said, mistakes = _quorate.run(arguments, task.files, stop)
    if status == COULD_NOT_RUN:
        raise refusal(arguments, said, mistakes)
    return output


class Cancelled(QuorateError):
    """A part whose run was given up."""


class Divided:
    """A run in parts: `result()` is what the undivided run would print.

    `folder` keeps the parts that are done, each in a file of its own that appears whole; a run that begins anew with the same folder goes on
    where the other ended.
    """

    def __init__(
        self,
        arguments: list[str],
        files: Files,
        *,
        parts: int | None = None,
        client: Any = None,
        executor: futures.Executor | None = None,
        processes: int | None = None,
        ray: Any = None,
        retries: int = RETRIES,
        progress: Progress | None = None,
        folder: str | os.PathLike[str] | None = None,
        work: Callable[..., bytes] = work,
    ) -> None:
        if sum(place is not None for place in (client, executor, processes, ray)) > 1:
            raise UsageError("give one of client, executor, processes and ray")
        self.arguments, self.files = [*arguments, "--format=json"], files
        self._client, self._executor, self._processes, self._ray = client, executor, processes, ray
        self._retries, self._progress = retries, progress
        self._folder = None if folder is None else Path(folder)
        self._stopped = threading.Event()
        self._work = work
        self.parts = parts or _PARTS_EACH * self._workers()
        if self.parts < 1:
            raise UsageError("a run has one part or more")
        self._done: dict[int, bytes] = {}
        self._lost: dict[int, int] = {}

    def _workers(self) -> int:
        if self._client is not None:
            return max(1, sum(self._client.nthreads().values()))
        return self._processes or getattr(self._executor, "_max_workers", None) or os.cpu_count() or 1

    def task(self, part: int) -> Task:
        """One part, for workers."""
        return Task(_quorate.version(), tuple(self.arguments), self.files, part, self.parts)

    def result(self) -> Ran:
        """Works on what is missing, and puts all parts together."""
        self._resume()
        missing = [part for part in range(1, self.parts + 1) if part not in self._done]
        self._told()
        if missing:
            self._everywhere(missing)
        return self.merged()

    def merged(self) -> Ran:
        """What the undivided run prints, of the parts that are there."""
        names = {f"part-{part}": data for part, data in sorted(self._done.items())}
        return run(["merge", *names], {**self.files, **names})

    # Parts that are there.

    def _path(self, part: int) -> Path | None:
        return None if self._folder is None else self._folder / f"{part}-of-{self.parts}.part"

    def _resume(self) -> None:
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        for part in range(1, self.parts + 1):
            path = self._path(part)
            if path is not None and path.exists():
                data = path.read_bytes()
                if _command(data) != _command_of(self.arguments):
                    raise UsageError(f"{os.fspath(path)} is a part of another run: take another folder")
                self._done[part] = data

    def _keep(self, part: int, data: bytes) -> None:
        if part in self._done:
            return
        path = self._path(part)
        if path is not None:
            handle, name = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(name, path)
        self._done[part] = data
        self._told()

    def _told(self) -> None:
        if self._progress is not None:
            self._progress(len(self._done), self.parts)

    def _again(self, part: int, reason: BaseException) -> None:
        """Whether a part is tried again; not where the question itself was refused."""
        if isinstance(reason, QuorateError) or not isinstance(reason, Exception):
            raise reason
        self._lost[part] = self._lost.get(part, 0) + 1
        if self._lost[part] > self._retries:
            raise reason

    # Where they are worked on.

    def _everywhere(self, missing: list[int]) -> None:
        if self._client is not None:
            self._on_dask(missing)
        elif self._ray is not None:
            self._on_ray(missing)
        elif self._executor is not None:
            self._on_executor(self._executor, missing)
        elif self._processes is not None:
            self._on_processes(missing)
        else:
            self._on_threads(missing)

    def _on_threads(self, missing: list[int]) -> None:
        def stop() -> None:
            if self._stopped.is_set():
                raise Cancelled("the run was given up")

        with futures.ThreadPoolExecutor(min(self._workers(), len(missing))) as pool:
            try:
                waiting = {pool.submit(self._work, self.task(part), stop): part for part in missing}
                for ended in futures.as_completed(waiting):
                    self._keep(waiting[ended], ended.result())
            except BaseException:
                self._stopped.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _on_processes(self, missing: list[int]) -> None:
        import multiprocessing

        while missing:
            # Threads do not survive a fork, and a pool that lost a process is broken as a whole.
            pool = futures.ProcessPoolExecutor(self._processes, mp_context=multiprocessing.get_context("spawn"))
            try:
                self._on_executor(pool, missing)
            except futures.process.BrokenProcessPool as reason:
                for part in [part for part in missing if part not in self._done][:1]:
                    self._again(part, reason)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
            missing = [part for part in missing if part not in self._done]

    def _on_executor(self, executor: futures.Executor, missing: list[int]) -> None:
        waiting: dict[futures.Future, int] = {}
        try:
            waiting = {executor.submit(self._work, self.task(part)): part for part in missing}
            while waiting:
                ended, _ = futures.wait(waiting, return_when=futures.FIRST_COMPLETED)
                for future in ended:
                    part = waiting.pop(future)
                    try:
                        self._keep(part, future.result())
                    except futures.BrokenExecutor:
                        raise
                    except BaseException as reason:
                        self._again(part, reason)
                        waiting[executor.submit(self._work, self.task(part))] = part
        except BaseException:
            for future in waiting:
                future.cancel()
            raise

    def _on_dask(self, missing: list[int]) -> None:
        from distributed import as_completed

        client = self._client
        of_future: dict[Any, int] = {}

        def submitted(part: int) -> Any:
            future = client.submit(self._work, self.task(part), pure=False)
            of_future[future.key] = part
            return future

        waiting = as_completed([submitted(part) for part in missing])
        kept = []
        try:
            for future in waiting:
                part = of_future[future.key]
                try:
                    self._keep(part, future.result())
                except BaseException as reason:
                    self._again(part, reason)
                    again = submitted(part)
                    kept.append(again)
                    waiting.add(again)
        except BaseException:
            client.cancel(list(waiting.futures) if hasattr(waiting, "futures") else kept)
            raise

    def _on_ray(self, missing: list[int]) -> None:
        ray = self._ray
        remote = ray.remote(self._work)
        waiting = {remote.remote(self.task(part)): part for part in missing}
        try:
            while waiting:
                ended, _ = ray.wait(list(waiting), num_returns=1)
                for reference in ended:
                    part = waiting.pop(reference)
                    try:
                        self._keep(part, ray.get(reference))
                    except BaseException as reason:
                        self._again(part, getattr(reason, "cause", None) or reason)
                        waiting[remote.remote(self.task(part))] = part
        except BaseException:
            for reference in waiting:
                ray.cancel(reference, force=True)
            raise


def _command(part: bytes) -> list[str] | None:
    try:
        return json.loads(part)["command"]
    except (ValueError, KeyError, TypeError):
        return None


def _command_of(arguments: list[str]) -> list[str]:
    return list(arguments)


#: Options of `Divided`, and not of the program.
_OWN = ("parts", "client", "executor", "processes", "ray", "retries", "progress", "folder")


def _divided(kind: type[Answer], made: Callable[[dict[str, Any]], tuple[list[str], Files]], options: dict[str, Any]) -> Any:
    own = {name: options.pop(name) for name in _OWN if name in options}
    arguments, files = made(options)
    return kind(arguments, files, Divided(arguments, files, **own).result())


def simulate(system: Asked, **options: Any) -> Simulation:
    """As `quorate.simulate` with `seeds`, divided."""
    return _divided(Simulation, lambda options: commands.simulate_run(system, options), options)


def sweep(family: str, **options: Any) -> Comparison:
    """As `quorate.sweep`, divided.

    >>> sweep("majority", n=range(3, 10), parts=3).to_dict() == commands.sweep("majority", n=range(3, 10)).to_dict()
    True
    """
    return _divided(Comparison, lambda options: commands.sweep_run(family, options), options)


def verify(systems: Asked | Iterable[Asked], **options: Any) -> Verification:
    """As `quorate.verify`, divided."""
    return _divided(Verification, lambda options: commands.verify_run(systems, options), options)


def analyze(systems: Asked | Iterable[Asked], **options: Any) -> commands.Analysis:
    """As `quorate.analyze` of many systems, divided."""
    return _divided(commands.Analysis, lambda options: commands.systems_run("analyze", systems, options), options)


def compare(systems: Iterable[Asked], **options: Any) -> Comparison:
    """As `quorate.compare`, divided."""
    return _divided(Comparison, lambda options: commands.systems_run("compare", systems, options), options)


def search(nodes: Any, **options: Any) -> Found:
    """As `quorate.search`, on a worker: a search is one piece of work, since each candidate is judged by those before it."""
    own = {name: options.pop(name) for name in _OWN if name in options}
    arguments, files, question = commands.search_run(nodes, **options)
    return Found(arguments, files, Divided(arguments, files, **{**own, "parts": 1}).result(), question)
