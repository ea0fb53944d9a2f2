#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Every call of every kind fails, once and from then on, in every scenario of nth_rig.py.

usage: campaign_nth.py [--stride N] [--scenario NAME] [--folder DIR] [--resume]

--stride N takes every n-th call only. What is done is kept in DIR/nth.json; --resume carries on
behind it. Tells each harm, ends with a line of totals, exits 1 when there was any.
"""
import argparse
import json
import os
import shutil
import sys
import time

import nth_rig


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--stride", type=int, default=1)
    parser.add_argument("--scenario", choices=sorted(nth_rig.SCENARIOS))
    parser.add_argument("--folder", default=os.path.join(nth_rig.BUILD, "campaigns"))
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    path = os.path.join(options.folder, "nth.json")
    done = {}
    if options.resume and os.path.exists(path):
        with open(path, encoding="ascii") as file:
            done = json.load(file)
    begun, runs, ended, harms, libcrypto = time.monotonic(), 0, 0, 0, 0
    folder = nth_rig.folder()
    try:
        for name in [options.scenario] if options.scenario else nth_rig.SCENARIOS:
            bench = nth_rig.Bench(name, folder)
            for kind in nth_rig.KINDS:
                key, count = f"{name} {kind}", bench.count(kind)
                for at in range(done.get(key, 0) + 1, count + 1, options.stride):
                    for sticky in (False, True):
                        runs += 1
                        try:
                            ended += bench.fail(kind, at, sticky)
                        except nth_rig.Harm as harm:
                            harms += 1
                            print(harm, flush=True)
                    done[key] = at
                    with open(path, "w", encoding="ascii") as file:
                        json.dump(done, file)
                print(f"{key}: {count} calls done, {runs} failures in all", flush=True)
            libcrypto += bench.libcrypto
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"nth: {runs} failures in {time.monotonic() - begun:.0f} s, {ended} ended the run, "
          f"{libcrypto} in libcrypto, {harms} did harm")
    return 1 if harms else 0


if __name__ == "__main__":
    sys.exit(main())
