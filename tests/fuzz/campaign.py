#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
The long run of one fuzz target, in slices, each with the next seed and with everything that earlier
slices found new. Of ten slices one is of the sanitizers' build, which finds what is new; the other
nine are of the release build, two to eight times as fast, which changes what was found. Inputs and
progress are kept in DIR; --resume carries on there. Ends with one line of totals; exits 1 at the
first input that does harm, which is then in DIR/crash-fuzz_TARGET.hex.

usage: campaign.py TARGET [--executions N] [--seed N] [--resume] [--folder DIR]
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
from amounts import amount

SLICE = 500000
BUILD = os.environ.get("TURRET_BUILD", ".")  # of the sanitizers
SOURCE = os.environ.get("TURRET_SOURCE", ".")
FAST = os.environ.get("TURRET_FAST_BUILD", os.path.join(SOURCE, "build", "release"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("target")
    parser.add_argument("--executions", type=amount, default=10**9)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--folder")
    options = parser.parse_args()
    folder = options.folder or os.path.join(BUILD, "campaigns", "fuzz-" + options.target)
    if not options.resume:
        shutil.rmtree(folder, ignore_errors=True)
    kept = os.path.join(folder, "kept")
    os.makedirs(kept, exist_ok=True)
    progress = {"executions": 0, "sanitized": 0, "seed": options.seed, "slices": 0, "seconds": 0}
    if os.path.exists(os.path.join(folder, "progress.json")):
        with open(os.path.join(folder, "progress.json"), encoding="ascii") as file:
            progress = json.load(file)
    corpus = os.path.abspath(os.path.join(SOURCE, "tests", "fuzz", "corpus", options.target))
    while progress["executions"] < options.executions:
        sanitized = progress["slices"] % 10 == 0
        build = os.path.abspath(BUILD if sanitized else FAST)
        count = min(SLICE, options.executions - progress["executions"])
        begun = time.monotonic()
        done = subprocess.run([os.path.join(build, "tests", "fuzz_" + options.target), str(count),
                               str(progress["seed"]), corpus, "kept"],
                              env=dict(os.environ, TURRET_BUILD=build,
                                       TURRET=os.path.join(build, "bin", "turret"),
                                       TURRET_PLUGINS=os.path.join(build, "plugins")),
                              cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            print(done.stdout, done.stderr, file=sys.stderr)
            print(f"{options.target}: harm after {progress['executions']} executions, seed "
                  f"{progress['seed']} of {build}; see {folder}")
            return 1
        progress["executions"] += count
        progress["sanitized"] += count if sanitized else 0
        progress["seed"] += 1
        progress["slices"] += 1
        progress["seconds"] += time.monotonic() - begun
        if progress["slices"] % 10 == 0:
            print(f"{options.target}: {progress['executions']} in {progress['seconds']:.0f} s",
                  flush=True)
        with open(os.path.join(folder, "progress.json"), "w", encoding="ascii") as file:
            json.dump(progress, file)
    print(f"{options.target}: {progress['executions']} executions, {progress['sanitized']} of them "
          f"sanitized, in {progress['seconds']:.0f} s, {len(os.listdir(kept))} inputs kept, no harm")
    return 0


if __name__ == "__main__":
    sys.exit(main())
