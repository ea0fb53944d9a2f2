#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Changes of an audit without end: slices of 20,000.

usage: campaign_tamper.py [--changes N] [--seed N] [--resume] [--folder DIR]

Progress is kept in DIR/tamper.json; --resume carries on there. Ends with a line of totals, and with
1 at the first slice in which a change was not found.
"""
import argparse
import json
import os
import sys
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
from amounts import amount

SLICE = 20000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--changes", type=amount, default=1000000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--folder",
                        default=os.path.join(os.environ.get("TURRET_BUILD", "build"), "campaigns"))
    options = parser.parse_args()
    os.environ["TURRET_SEED"] = str(options.seed)
    from test_64_audit_tamper import tamper  # reads the seed
    os.makedirs(options.folder, exist_ok=True)
    path = os.path.join(options.folder, "tamper.json")
    progress = {"changes": 0, "seconds": 0}
    if options.resume and os.path.exists(path):
        with open(path, encoding="ascii") as file:
            progress = json.load(file)
    while progress["changes"] < options.changes:
        count = min(SLICE, options.changes - progress["changes"])
        begun = time.monotonic()
        found, said = tamper(progress["changes"], count)
        if found.get("found") != count:
            print(said)
            return 1
        progress["changes"] += count
        progress["seconds"] += time.monotonic() - begun
        print(f"tamper: {progress['changes']} of {options.changes}", flush=True)
        with open(path, "w", encoding="ascii") as file:
            json.dump(progress, file)
    print(f"tamper: {progress['changes']} changes in {progress['seconds']:.0f} s, all found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
