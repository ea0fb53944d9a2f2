# SPDX-License-Identifier: Apache-2.0
"""
The simulator on and on: slices of 1,000 seeds, one after the other.

usage: campaign.py [--seeds N] [--seed N] [--events N] [--jobs N] [--resume] [--folder DIR]

Progress is kept in DIR/simulate.json; --resume carries on there. Ends with a line of totals, and
with 1 at the first slice in which an invariant did not hold, after its seed and how to see it again.
"""
import argparse
import concurrent.futures
import json
import os
import re
import subprocess
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
from amounts import amount

BUILD = os.environ["TURRET_BUILD"]
PROGRAM = os.path.join(BUILD, "tests", "simulate", "simulate")
SLICE = 1000
SUMS = ("events", "orders", "executions", "starts", "kills", "steps of swaps", "reloads")


def run(seed, count, events):
    done = subprocess.run([PROGRAM, str(seed), str(count), "--events", str(events), "--quiet"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.decode(errors="replace")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=amount, default=1000000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--events", type=amount, default=20000)
    parser.add_argument("--jobs", type=amount, default=1)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--folder", default=os.path.join(BUILD, "campaigns"))
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    path = os.path.join(options.folder, "simulate.json")
    progress = {"seeds": 0, "seed": options.seed, "seconds": 0, **dict.fromkeys(SUMS, 0)}
    if options.resume and os.path.exists(path):
        with open(path, encoding="ascii") as file:
            progress = json.load(file)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        while progress["seeds"] < options.seeds:
            left, slices = options.seeds - progress["seeds"], []
            for i in range(min(options.jobs, (left + SLICE - 1) // SLICE)):
                count = min(SLICE, left - i * SLICE)
                slices.append((count, pool.submit(run, progress["seed"] + i * SLICE, count,
                                                  options.events)))
            for count, slice_ in slices:
                code, said = slice_.result()
                print(said.strip()[-2000:], flush=True)
                if code:
                    return 1
                progress["seeds"] += count
                progress["seed"] += count
                progress["seconds"] += float(re.search(r"in ([\d.]+) s", said).group(1))
                for name in SUMS:
                    progress[name] += int(re.search(rf"(\d+) {name}", said).group(1))
            with open(path, "w", encoding="ascii") as file:
                json.dump(progress, file)
    print(f"simulate: {progress['seeds']} seeds in {progress['seconds']:.0f} s of a core, " +
          ", ".join(f"{progress[name]} {name}" for name in SUMS) + "; every invariant held")
    return 0


if __name__ == "__main__":
    sys.exit(main())
