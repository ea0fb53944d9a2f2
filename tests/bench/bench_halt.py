#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The kill switch: from the start of `turret halt` to the 1,000th cancel at the venue's socket.

A daemon with 1,000 orders resting at the fake venue is stuck in a strategy that never returns. Then
this program listens in the venue's place, and in turn starts a bare client (halt_floor.c) and
`turret halt`; both times run from before the start of the process to the arrival of the last
cancel. It answers each cancel, so that the command ends by itself with nothing left open.

usage: bench_halt.py [--rounds N] [--smoke] [--json]
environment: TURRET, TURRET_PLUGINS, TURRET_BENCH
"""
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

CONFIG = """\
turret: 1
mode: paper
store: store
plugins: [{{path: {plugins}}}, {{path: {venue}}}]
venues:
  fake:
    adapter: test.venue
    cash: {{USD: 100000000}}
    params: {{socket: "{socket}", answer_ms: 5000, heartbeat_ms: 60000}}
instruments: {{AAA.fake: {{tick: 0.01, lot: 1, currency: USD}}}}
strategies:
  stuck:
    plugin: test.stuck
    on: AAA.fake@1s
    params: {{at: {at}, orders: {orders}, batch: 10}}
risk: {{preset: development, orders_per_minute: 1000000, max_open_orders: 100000}}
"""
TARGET_MS = 50.0
BOUND_S = 60


def build_folder():
    return os.path.dirname(os.path.dirname(os.environ["TURRET_BENCH"]))


class Session:
    """A stuck daemon, and this program in the place of the venue."""

    def __init__(self, folder, orders):
        self.folder, self.orders = folder, orders
        self.path = os.path.join(folder, "s")
        self.log = os.path.join(folder, "log")
        with open(os.path.join(folder, "script"), "w", encoding="ascii") as script:
            script.write("# no faults\n")
        with open(os.path.join(folder, "turret.yaml"), "w", encoding="utf-8") as file:
            file.write(CONFIG.format(
                plugins=os.environ["TURRET_PLUGINS"], socket=self.path, orders=orders,
                venue=os.path.join(build_folder(), "venue-plugins"), at=orders // 10 + 1500))
        venue = subprocess.Popen([os.path.join(build_folder(), "tests", "fake_venue"), self.path,
                                  self.log, "1", "2", "10000000", "100000",
                                  os.path.join(folder, "script")])
        self.until(lambda: os.path.exists(self.path))
        self.daemon = subprocess.Popen([os.environ["TURRET"], "run", "turret.yaml"], cwd=folder,
                                       stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                       text=True)
        try:
            for line in self.daemon.stderr:
                if "stuck from here on" in line:
                    break
            with open(self.log, encoding="ascii") as file:
                placed = sum(line.startswith("ORDER") for line in file)
            if placed != orders:
                self.daemon.kill()
                raise SystemExit(f"bench_halt: {placed} of {orders} orders are at the venue")
        finally:
            venue.kill()
            venue.wait()
        os.unlink(self.path)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(8)

    @staticmethod
    def until(true):
        end = time.monotonic() + BOUND_S
        while not true():
            if time.monotonic() > end:
                raise SystemExit("bench_halt: it did not begin")
            select.select([], [], [], 0.01)

    def answer(self, client, lines, number):
        """Each cancel is done; so is the download."""
        out = []
        for line in lines:
            words = line.split()
            if words[0] == b"DOWNLOAD":
                out += [b"BEGIN 1700000000000000000", b"END 1700000000000000000 0"]
            elif words[0] == b"CANCEL":
                out += [b"ANSWER 1700000000000000000 %s CANCEL %s 200 V1 -" % (words[1], words[2]),
                        b"ORDER 1700000000000000000 %s AAA CANCELED B L G 1 0 7000 0 0 V1"
                        % words[1]]
        text = b"".join(b"%d %s\n" % (number + i + 1, line) for i, line in enumerate(out))
        try:
            client.sendall(text)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has heard enough
        return number + len(out)

    def run(self, command, answers):
        """Nanoseconds until the last cancel is here."""
        seen, rest, number, at = 0, b"", 0, None
        begun = time.perf_counter_ns()
        process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE)
        client, _ = self.listener.accept()
        client.settimeout(BOUND_S)
        waiting = []
        while True:
            try:
                got = client.recv(1 << 16)
            except ConnectionResetError:
                got = b""
            if not got:
                break
            seen += got.count(b"CANCEL")  # no line is cut within the word: sent whole, each
            if seen >= self.orders and at is None:
                at = time.perf_counter_ns()
            *lines, rest = (rest + got).split(b"\n")
            waiting += lines
            if answers and at is not None:
                number = self.answer(client, waiting, number)
                waiting = []
        client.close()
        said = process.stderr.read()
        process.stderr.close()
        if process.wait(BOUND_S) != 0 or at is None:
            raise SystemExit(f"bench_halt: {command[0]}: {seen} cancels, {said.decode()[-400:]}")
        return at - begun

    def close(self):
        self.daemon.send_signal(signal.SIGKILL)
        self.daemon.stderr.close()
        self.daemon.wait()
        self.listener.close()


def rank(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def main():
    smoke = "--smoke" in sys.argv
    rounds = 2 if smoke else 200
    if "--rounds" in sys.argv:
        rounds = int(sys.argv[sys.argv.index("--rounds") + 1])
    orders = 50 if smoke else 1000
    floors, measured = [], []
    with tempfile.TemporaryDirectory(prefix="turret-bench-") as folder:
        session = Session(folder, orders)
        try:
            floor = [os.path.join(os.environ["TURRET_BENCH"], "halt_floor"), session.path,
                     str(orders)]
            halt = [os.environ["TURRET"], "--json", "halt", "--store", "store"]
            session.run(floor, False)
            session.run(halt, True)
            for _ in range(rounds):
                floors.append(session.run(floor, False))
                measured.append(session.run(halt, True))
        finally:
            session.close()
    for name, part in (("p50", 0.5), ("p99", 0.99)):
        low, got = rank(floors, part), rank(measured, part)
        ratios = [m / f for m, f in zip(measured, floors)]
        result = {"bench": "halt", "what": f"{orders} cancels at the venue, loop stuck, {name}",
                  "unit": "run", "floor_ns": low, "ns": got, "ratio": got / low,
                  "ratio_low": min(ratios), "ratio_high": max(ratios), "rounds": rounds}
        if name == "p99":
            result.update(target_ns=TARGET_MS * 1e6, met=got < TARGET_MS * 1e6)
        if "--json" in sys.argv:
            print(json.dumps(result), flush=True)
        else:
            print(f"{result['what']}: floor {low / 1e6:.2f} ms, measured {got / 1e6:.2f} ms")
    return 0


sys.exit(main())
