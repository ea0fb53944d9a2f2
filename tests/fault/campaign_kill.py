#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
kill -9 of the whole daemon against the fake venue, without end: runs of test_kill.py, 250 kills
each in a world of its own, with the next seed. After every run the oracle compares the venue's log
with the store.

usage: campaign_kill.py [--kills N] [--seed N] [--jobs N] [--resume] [--folder DIR]

--jobs N: as many daemons and venues at once (twice the processors: an ended daemon's files take
longer to close than it has lived). Progress is kept in DIR/kill.json; --resume carries on there.
Ends with a line of totals, and with 1 at the first difference, after the run's seed; its folder,
with the venue's log and the store, is then DIR/kill/seed-N.
"""
import argparse
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import threading
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
from amounts import amount

BUILD = os.environ.get("TURRET_BUILD", ".")
TEST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "test_kill.py")
RUN = 250  # kills of one


class Campaign:
    def __init__(self, options):
        self.options, self.lock = options, threading.Lock()
        self.path = os.path.join(options.folder, "kill.json")
        self.kept = os.path.join(options.folder, "kill")
        self.progress = {"seed": options.seed, "done": [], "seconds": 0, "sums": {}}
        if options.resume and os.path.exists(self.path):
            with open(self.path, encoding="ascii") as file:
                self.progress = json.load(file)
        else:
            shutil.rmtree(self.kept, ignore_errors=True)
        os.makedirs(self.kept, exist_ok=True)
        self.before, self.begun = self.progress["seconds"], time.monotonic()
        self.differed = False

    def run(self, number):
        """Run `number` of the campaign; nothing once one has differed."""
        if self.differed:
            return
        kills = min(RUN, self.options.kills - number * RUN)
        seed = self.progress["seed"] + number
        done = subprocess.run(
            [sys.executable, TEST], capture_output=True, text=True, check=False,
            env=dict(os.environ, TURRET_KILLS=str(kills), TURRET_SEED=str(seed),
                     TURRET_KEEP=self.kept))
        with self.lock:
            if done.returncode == 0:
                self.count(number, json.loads(done.stdout.splitlines()[0]))
                return
            self.differed = True
            print(done.stdout + done.stderr)
            print(f"kill: seed {seed} differs; see {os.path.join(self.kept, f'seed-{seed}')}",
                  flush=True)

    def count(self, number, found):
        print(json.dumps(found), flush=True)
        del found["seed"]
        for name, count in found.items():
            self.progress["sums"][name] = self.progress["sums"].get(name, 0) + count
        self.progress["done"].append(number)
        self.progress["seconds"] = self.before + time.monotonic() - self.begun
        with open(self.path + ".new", "w", encoding="ascii") as file:
            json.dump(self.progress, file)
        os.replace(self.path + ".new", self.path)

    def all(self):
        runs = (self.options.kills + RUN - 1) // RUN
        left = sorted(set(range(runs)) - set(self.progress["done"]))
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            for each in [pool.submit(self.run, number) for number in left]:
                each.result()
        sums = ", ".join(f"{name} {count}" for name, count in self.progress["sums"].items())
        print(f"kill: {len(self.progress['done'])} runs in {self.progress['seconds']:.0f} s, "
              f"{'one differed' if self.differed else 'none differed'}: {sums}")
        return 1 if self.differed else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=amount, default=100000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=amount, default=2 * (os.cpu_count() or 1))
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--folder", default=os.path.join(BUILD, "campaigns"))
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    return Campaign(options).all()


if __name__ == "__main__":
    sys.exit(main())
