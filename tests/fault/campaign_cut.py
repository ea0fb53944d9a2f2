#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Power-cut states without end: slices of 100,000, each of a session recorded anew, with the next seed.

usage: campaign_cut.py [--states N] [--seed N] [--resume] [--folder DIR]

Progress is kept in DIR/cut.json; --resume carries on there. Ends with a line of totals, and with 1
at the first slice that lost something.
"""
import argparse
import json
import os
import shutil
import sys
import tempfile
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
from amounts import amount

import cut_rig

SLICE = 100000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--states", type=amount, default=2000000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--folder", default=os.path.join(cut_rig.BUILD, "campaigns"))
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    path = os.path.join(options.folder, "cut.json")
    progress = {"states": 0, "seed": options.seed, "seconds": 0}
    if options.resume and os.path.exists(path):
        with open(path, encoding="ascii") as file:
            progress = json.load(file)
    while progress["states"] < options.states:
        count, begun = min(SLICE, options.states - progress["states"]), time.monotonic()
        folder = tempfile.mkdtemp(prefix="turret-cut-")
        try:
            found, said = cut_rig.cut(cut_rig.record(folder), os.path.join(folder, "state"), count,
                                      progress["seed"])
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        print(said.strip()[-4000:], flush=True)
        if found["harms"]:
            print(f"cut: {found['harms']} of {count} states lost something, "
                  f"seed {progress['seed']}")
            return 1
        progress["states"] += count
        progress["seed"] += 1
        progress["seconds"] += time.monotonic() - begun
        with open(path, "w", encoding="ascii") as file:
            json.dump(progress, file)
    print(f"cut: {progress['states']} states in {progress['seconds']:.0f} s, nothing lost")
    return 0


if __name__ == "__main__":
    sys.exit(main())
