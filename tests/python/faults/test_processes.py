"""Forks, other processes and threads: the library is a good guest in its process."""

from __future__ import annotations

import json
import os
import threading

import pytest

import journeykit as jk
from faults.process_child import results, shown, small_log
from journeykit.events.stored import log_bytes, log_of_bytes


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_results_survive_forks_and_pickling_and_an_import_starts_no_thread(run_child, tally, heavy: bool) -> None:
    times = 200 if heavy else 20
    told = json.loads(run_child("process_child", times).stdout)
    tally("R10", "fork after use, both sides use it", times, told["forks"])
    tally("R10", "pickle here, by spawn and by forkserver", len(results()) * 6, told["pickles"])
    tally("R10", "threads after import", 1, [] if told["threads"] == 1 else [f"{told['threads']} threads"])


def test_the_bytes_of_a_log_are_versioned_and_damage_is_an_error_of_ours() -> None:
    log = small_log()
    stored = log_bytes(log._core, log.notes)
    core, notes = log_of_bytes(stored)
    assert repr(jk.EventLog(core, notes=notes)) == repr(log)
    with pytest.raises(jk.Unsupported, match="the log has format version 2, this journeykit reads 1"):
        log_of_bytes(stored.replace(b'{"version": 1,', b'{"version": 2,'))
    for other in (b"", b"x", stored[:100], stored[:-200]):
        with pytest.raises(jk.InvalidInput, match="these are not the bytes of an event log"):
            log_of_bytes(other)


def test_sixty_four_threads_on_the_same_objects_see_the_same_results(tally, heavy: bool) -> None:
    log = small_log()
    journey = jk.discover(log)
    names = ("log", "map", "directly_follows", "variants", "measure", "scorecard")
    right = {name: repr(shown(value)) for name, value in results().items() if name in names}
    edges = jk.directly_follows(log).rows()
    rounds = 10_000 if heavy else 50
    found: list[str] = []

    def work(number: int) -> None:
        try:
            for k in range(rounds // 64 + 1):
                if jk.directly_follows(log, threads=1 + k % 3).rows() != edges or jk.discover(log) != journey:
                    found.append(f"thread {number}: another result")
                if k % 20 == 0:
                    made = results()
                    wrong = [name for name in names if repr(shown(made[name])) != right[name]]
                    found.extend(f"thread {number}: another result of a new {name}" for name in wrong)
        except Exception as raised:  # noqa: BLE001  whatever it is, it is a finding
            found.append(f"thread {number}: {raised!r}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally("R9", "64 Python threads on shared objects", 64 * (rounds // 64 + 1), found)
