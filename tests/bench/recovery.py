#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From the start of a daemon that was killed with 10,000 orders open at the fake venue until all of
them are reconciled and it trades, beside a program that only reads and prints the same orders.

usage: recovery.py [--rounds N] [--smoke] [--json]    environment: TURRET, TURRET_PLUGINS,
                                                      TURRET_BENCH
"""
import json
import os
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import time

CONFIG = """\
turret: 1
mode: paper
store: {folder}/store
plugins:
  - path: {plugins}
  - path: {venue}
venues:
  fake:
    adapter: test.venue
    cash: {{USD: 100000000}}
    params: {{socket: "{folder}/s", heartbeat_ms: 60000, answer_ms: 60000}}
instruments:
  AAA.fake: {{tick: 0.01, lot: 1, currency: USD}}
  BBB.fake: {{tick: 0.01, lot: 1, currency: USD}}
strategies:
  a: {{plugin: test.rester, on: AAA.fake@1s, params: {{orders: {half}, each: 20}}}}
  b: {{plugin: test.rester, on: BBB.fake@1s, params: {{orders: {half}, each: 20}}}}
risk: {{preset: development, max_open_orders: 100000, orders_per_minute: 100000, collar: 90%}}
"""
TARGET_S = 2.0
TURNS = 6000


def turret(folder, *words):
    done = subprocess.run([os.environ["TURRET"], "--json", *words, "--store", folder + "/store"],
                          capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def wait(folder, count, process):
    """Until the venue is reconciled and so many orders work there."""
    for _ in range(TURNS):
        status = turret(folder, "status")
        if status and status["venues"][0]["ready"] and status["working_orders"] == count and all(
                one["fault"] == "" for one in status["strategies"]):
            return status
        if select.select([process.stderr], [], [], 0.002)[0]:
            os.read(process.stderr.fileno(), 65536)
        if process.poll() is not None:
            raise SystemExit(f"recovery: the daemon ended with {process.returncode}")
    raise SystemExit(f"recovery: {count} orders were never there: {status}")


def start(folder):
    return subprocess.Popen([os.environ["TURRET"], "run", folder + "/turret.yaml"],
                            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)


def recover(folder, count):
    """Seconds of one restart and of one reading of the same orders."""
    process = start(folder)
    wait(folder, count, process)
    for _ in range(TURNS):  # the store is behind the status: none is on its way any more
        orders = turret(folder, "orders", "--open")
        if len(orders) == count and all(one["state"] == "ACCEPTED" for one in orders):
            break
    else:
        raise SystemExit(f"recovery: the store never had {count} orders that are ACCEPTED")
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stderr.close()
    begin = time.monotonic()
    process = start(folder)
    wait(folder, count, process)
    took = time.monotonic() - begin
    begin = time.monotonic()
    orders = turret(folder, "orders", "--open")
    floor = time.monotonic() - begin
    others = [one for one in orders if one["state"] != "ACCEPTED"]
    if len(orders) != count or others:
        raise SystemExit(f"recovery: of {count} orders {len(orders)} are open, and of those "
                         f"{len(others)} not ACCEPTED: {others[:1]}")
    process.send_signal(signal.SIGTERM)
    process.stderr.read()
    if process.wait() != 0:
        raise SystemExit(f"recovery: the daemon ended with {process.returncode}")
    process.stderr.close()
    return took, floor


def measure(count, rounds):
    bench = os.environ["TURRET_BENCH"]
    with tempfile.TemporaryDirectory(prefix="turret-bench-") as folder:
        with open(folder + "/turret.yaml", "w", encoding="utf-8") as file:
            file.write(CONFIG.format(folder=folder, plugins=os.environ["TURRET_PLUGINS"],
                                     venue=os.path.join(bench, "..", "..", "venue-plugins"),
                                     half=count // 2))
        with open(folder + "/script", "w", encoding="utf-8") as file:
            file.write("# nothing goes wrong\n")
        venue = subprocess.Popen([os.path.join(bench, "..", "fake_venue"), folder + "/s",
                                  folder + "/log", "1", "10", "1000000", "1000000",
                                  folder + "/script"])
        try:
            return [recover(folder, count) for _ in range(rounds)]
        finally:
            venue.kill()
            venue.wait()


def main():
    smoke = "--smoke" in sys.argv
    rounds, count = (1, 200) if smoke else (5, 10000)
    if "--rounds" in sys.argv:
        rounds = int(sys.argv[sys.argv.index("--rounds") + 1])
    rows = measure(count, rounds)
    ratios = [took / floor for took, floor in rows]
    median = statistics.median(took for took, _ in rows)
    result = {"bench": "recovery", "what": f"{count} open orders reconciled, at most {TARGET_S:.0f} s",
              "unit": "restart", "rounds": rounds, "floor": "turret orders --open",
              "floor_ns": statistics.median(floor for _, floor in rows) * 1e9, "ns": median * 1e9,
              "ratio": statistics.median(ratios), "ratio_low": min(ratios),
              "ratio_high": max(ratios), "met": median <= TARGET_S}
    if smoke:
        del result["met"]
    if "--json" in sys.argv:
        print(json.dumps(result))
    else:
        print(f"recovery: {count} open orders in {median:.3f} s "
              f"({min(rows)[0]:.3f} … {max(rows)[0]:.3f}); reading them alone "
              f"{result['floor_ns'] / 1e9:.3f} s; at most {TARGET_S:.0f} s: "
              f"{'met' if median <= TARGET_S else 'missed'}")


main()
