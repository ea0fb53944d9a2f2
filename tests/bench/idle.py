#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Memory of an idle daemon: `turret run` of one strategy on a market that does not move.

The figure is VmRSS of /proc/PID/status once the daemon answers `turret status`, beside that of a
bare process which opens libev's loop and an LMDB environment (idle_floor.c).

usage: idle.py [--rounds N] [--smoke] [--json]     environment: TURRET, TURRET_PLUGINS, TURRET_BENCH
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile

CONFIG = """\
turret: 1
mode: paper
store: {store}
plugins:
  - path: {plugins}
venues:
  sim:
    adapter: sim
    cash: {{USD: 100000}}
    params: {{market: synthetic, pace_ms: 3600000}}
instruments:
  SPY.sim: {{tick: 0.01, lot: 1, currency: USD}}
strategies:
  cross:
    plugin: ma_cross
    on: SPY.sim@1m
    params: {{fast: 10, slow: 30, size: 100}}
risk:
  preset: development
"""
TARGET_MB = 8.0


def resident_kb(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    raise SystemExit(f"idle: no VmRSS of process {pid}")


def parts_kb(pid):
    """What of it is the process's own, and what is mapped from files."""
    parts = {}
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        for line in file:
            if line.startswith(("RssAnon:", "RssFile:", "RssShmem:")):
                parts[line.split(":")[0]] = int(line.split()[1])
    return parts


def wait_line(process, stream, text):
    for line in stream:
        if text in line:
            return
    raise SystemExit(f"idle: {process.args[0]} ended with {process.wait()} before it said '{text}'")


def daemon(folder):
    store = os.path.join(folder, "store")
    config = os.path.join(folder, "turret.yaml")
    with open(config, "w", encoding="utf-8") as file:
        file.write(CONFIG.format(store=store, plugins=os.environ["TURRET_PLUGINS"]))
    process = subprocess.Popen([os.environ["TURRET"], "run", config], text=True,
                               stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    wait_line(process, process.stderr, "running")
    # An answer means that the loop turns: what a start touches has been touched.
    subprocess.run([os.environ["TURRET"], "status", "--json", "--store", store], check=True,
                   stdout=subprocess.DEVNULL)
    figures = resident_kb(process.pid), parts_kb(process.pid)
    process.terminate()
    process.stderr.read()
    if process.wait() != 0:
        raise SystemExit(f"idle: the daemon ended with {process.returncode}")
    return figures


def bare(folder):
    program = os.path.join(os.environ["TURRET_BENCH"], "idle_floor")
    process = subprocess.Popen([program, folder], text=True, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    wait_line(process, process.stdout, "ready")
    kilobytes = resident_kb(process.pid)
    process.communicate("")
    return kilobytes


def main():
    rounds = 1 if "--smoke" in sys.argv else 7
    if "--rounds" in sys.argv:
        rounds = int(sys.argv[sys.argv.index("--rounds") + 1])
    floors, daemons, parts = [], [], {}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="turret-bench-") as folder:
            floors.append(bare(folder) / 1024)
        with tempfile.TemporaryDirectory(prefix="turret-bench-") as folder:
            kilobytes, parts = daemon(folder)
            daemons.append(kilobytes / 1024)
    median, floor = statistics.median(daemons), statistics.median(floors)
    result = {"bench": "idle daemon", "what": "resident memory, one strategy", "unit": "MB",
              "rounds": rounds, "floor": "bare process with libev and LMDB", "floor_mb": floor,
              "mb": median, "mb_low": min(daemons), "mb_high": max(daemons), "parts_kb": parts,
              "target_mb": TARGET_MB, "met": median <= TARGET_MB}
    if "--smoke" in sys.argv:
        del result["met"]
    if "--json" in sys.argv:
        print(json.dumps(result))
    else:
        print(f"idle daemon: {median:.2f} MB ({min(daemons):.2f} … {max(daemons):.2f}), bare "
              f"process {floor:.2f} MB; {parts}; at most {TARGET_MB:.0f} MB: "
              f"{'met' if median <= TARGET_MB else 'missed'}")


main()
