#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
The long run of one fuzz target, in slices of 100,000 executions, each with the next seed and with
everything that earlier slices found new. Inputs and progress are kept in DIR; --resume carries on
there. Ends with one line of totals; exits 1 at the first input that does harm, which is then in
DIR/crash-fuzz_TARGET.hex.

usage: campaign.py TARGET [--executions N] [--seed N] [--resume] [--folder DIR]
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import time

SLICE = 100000
BUILD = os.environ.get("TURRET_BUILD", ".")
SOURCE = os.environ.get("TURRET_SOURCE", ".")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("target")
    parser.add_argument("--executions", type=int, default=10**9)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--folder")
    options = parser.parse_args()
    folder = options.folder or os.path.join(BUILD, "campaigns", "fuzz-" + options.target)
    if not options.resume:
        shutil.rmtree(folder, ignore_errors=True)
    kept = os.path.join(folder, "kept")
    os.makedirs(kept, exist_ok=True)
    progress = {"executions": 0, "seed": options.seed, "seconds": 0}
    if os.path.exists(os.path.join(folder, "progress.json")):
        with open(os.path.join(folder, "progress.json"), encoding="ascii") as file:
            progress = json.load(file)
    program = os.path.abspath(os.path.join(BUILD, "tests", "fuzz_" + options.target))
    corpus = os.path.abspath(os.path.join(SOURCE, "tests", "fuzz", "corpus", options.target))
    while progress["executions"] < options.executions:
        count = min(SLICE, options.executions - progress["executions"])
        begun = time.monotonic()
        done = subprocess.run([program, str(count), str(progress["seed"]), corpus, "kept"],
                              cwd=folder, capture_output=True, text=True, check=False)
        print(done.stdout.strip(), flush=True)
        if done.returncode:
            print(done.stderr, file=sys.stderr)
            print(f"{options.target}: harm after {progress['executions']} executions, seed "
                  f"{progress['seed']}; see {folder}")
            return 1
        progress["executions"] += count
        progress["seed"] += 1
        progress["seconds"] += time.monotonic() - begun
        with open(os.path.join(folder, "progress.json"), "w", encoding="ascii") as file:
            json.dump(progress, file)
    print(f"{options.target}: {progress['executions']} executions in {progress['seconds']:.0f} s, "
          f"{len(os.listdir(kept))} inputs kept, no harm")
    return 0


if __name__ == "__main__":
    sys.exit(main())
