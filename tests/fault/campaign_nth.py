#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Every call of every kind fails, once and from then on, in every scenario: the three of nth_rig.py with
every plugin of the build loaded, and those of nth_scenarios.py with what they need.

usage: campaign_nth.py [--bars N] [--every N] [--scenario NAME] [--folder DIR] [--resume]

--bars N: how long a session is (150; a backtest and an import have 20 times as many, a scenario of
nth_scenarios.py a third). --every N: only each N-th call. What is done is kept in DIR/nth.json; --resume carries on behind it. Tells each harm, ends with a line of totals,
exits 1 when there was any.
"""
import argparse
import itertools
import json
import os
import shutil
import sys
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
from amounts import amount

import nth_rig
from fault_rig import PLUGINS
from nth_scenarios import MORE

SCENARIOS = {**nth_rig.SCENARIOS, **MORE}
SLICE = 200  # calls between two notes of what is done


def sweep_all(sweep, every, done, save):
    """Every failure from where `done` says."""
    for failure in nth_rig.FAILURES:
        key = f"{sweep.scenario.name} {failure[0]} {failure[1]}"
        while done.get(key, 0) >= 0:
            first, before = done.get(key, 0), sweep.runs
            sites = itertools.count(first + 1, every)
            sweep.all(failure, (False, True), itertools.islice(sites, SLICE))
            done[key] = first + SLICE * every if sweep.runs - before == 2 * SLICE else -1
            save(done)
        print(f"{key}: calls done, {sweep.runs} failures in all", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bars", type=amount, default=150)
    parser.add_argument("--every", type=amount, default=1)
    parser.add_argument("--scenario", choices=sorted(SCENARIOS))
    parser.add_argument("--folder", default=os.path.join(nth_rig.BUILD, "campaigns"))
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    path = os.path.join(options.folder, "nth.json")
    done = {}
    if options.resume and os.path.exists(path):
        with open(path, encoding="ascii") as file:
            done = json.load(file)

    def save(what):
        with open(path, "w", encoding="ascii") as file:
            json.dump(what, file)

    begun, runs, harms = time.monotonic(), 0, 0
    folder = nth_rig.folder()
    try:
        for name in [options.scenario] if options.scenario else SCENARIOS:
            few = name in MORE
            sweep = nth_rig.Sweep(SCENARIOS[name], folder, options.bars // (3 if few else 1),
                                  None if few else PLUGINS)
            sweep_all(sweep, options.every, done, save)
            print("\n".join([*sweep.harms, sweep.totals()]), flush=True)
            runs, harms = runs + sweep.runs, harms + len(sweep.harms)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"nth: {1 if options.scenario else len(SCENARIOS)} scenarios, {runs} failures in {time.monotonic() - begun:.0f} s, {harms} did harm")
    return 1 if harms else 0


if __name__ == "__main__":
    sys.exit(main())
