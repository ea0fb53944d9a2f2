# SPDX-License-Identifier: Apache-2.0
"""
Shows that kill -9 loses, doubles and invents nothing. A daemon trades at a fake venue that keeps
its own log, is killed TURRET_KILLS times (300; a release does 100000) at seeded points, some of
them inside start and recovery, some around a change of its configuration, and carries on each time.
In the end the venue's log is the oracle:
every order there is known here exactly once and none was sent twice; executions, positions and
cash are equal; the journal is whole and replays to the same bytes. TURRET_SEED chooses another run.
"""
import os
import random
import select
import signal
import subprocess
import unittest
from decimal import Decimal

from fault_rig import BUILD, Case, PLUGINS

KILLS = int(os.environ.get("TURRET_KILLS", "300"))
SEED = int(os.environ.get("TURRET_SEED", "1"))
CONFIG = """
turret: 1
mode: paper
store: store
plugins:
  - path: {plugins}
  - path: {venue}
venues:
  fake:
    adapter: test.venue
    cash: {{USD: 100000000}}
    params: {{socket: "{socket}"}}
instruments:
  AAA.fake: {{tick: 0.01, lot: 1, currency: USD}}
  BBB.fake: {{tick: 0.01, lot: 1, currency: USD}}
  CCC.fake: {{tick: 0.01, lot: 1, currency: USD}}
strategies:
  cross-a:
    plugin: turret.ma_cross
    on: AAA.fake@1s
    params: {{fast: 2, slow: 4, size: 100, short: true}}
  cross-b:
    plugin: turret.ma_cross
    on: BBB.fake@1s
    params: {{fast: 3, slow: 7, size: {size}, short: true}}
  buyer: {{plugin: turret.accumulate, on: BBB.fake@1s, params: {{qty: 1, orders: 200}}}}
  quoter: {{plugin: test.quoter, on: [AAA.fake@1s, CCC.fake@1s], params: {{every: 5, qty: 10}}}}
risk: {{preset: development}}
"""
ENDED = ("DENIED", "FILLED", "CANCELED", "EXPIRED", "REJECTED")
WAITS = 4000  # turns of a few milliseconds that a wait takes at most


def money(text):
    return Decimal(text)


class Oracle:
    """What the venue's log says."""

    def __init__(self, path):
        self.orders, self.fills, self.cancels, self.rejects = {}, {}, set(), {}
        self.duplicates = []
        with open(path, encoding="ascii") as log:
            for line in log:
                word = line.split()
                if word[0] == "ORDER":
                    self.orders[word[1]] = word[2:]
                elif word[0] == "FILL":
                    self.fills[word[1]] = word[2:]
                elif word[0] == "CANCEL":
                    self.cancels.add(word[1])
                elif word[0] == "REJECT":
                    self.rejects[word[1]] = word[2]
                else:
                    self.duplicates.append(line)

    def filled(self):
        total = {}
        for client_id, _, _, qty, *_ in self.fills.values():
            total[client_id] = total.get(client_id, 0) + int(qty)
        return total

    def positions(self):
        total = {}
        for _, symbol, side, qty, *_ in self.fills.values():
            total[symbol] = total.get(symbol, 0) + (int(qty) if side == "B" else -int(qty))
        return total

    def cash(self):
        cents = Decimal(0)
        for _, _, side, qty, price, fee, _ in self.fills.values():
            value = Decimal(int(qty) * int(price)) / 100
            cents += (-value if side == "B" else value) - Decimal(fee) / 10**8
        return Decimal(100000000) + cents


class Kill(Case):
    def start_venue(self):
        self.log = self.path("venue.log")
        venue = subprocess.Popen(
            [os.path.join(BUILD, "tests", "fake_venue"), self.path("s"), self.log, str(SEED), "2",
             str(2000 * KILLS + 100000), "30000"])
        self.addCleanup(venue.wait)
        self.addCleanup(venue.kill)
        for _ in range(WAITS):
            if os.path.exists(self.path("s")):
                return venue
            select.select([], [], [], 0.002)
        self.fail("the venue did not start")

    def wait_for_log(self, daemon, grown):
        """True once the venue's log has grown so many bytes; the daemon's words are taken."""
        target = os.stat(self.log).st_size + grown
        for _ in range(WAITS):
            if os.stat(self.log).st_size >= target:
                return True
            daemon.drain(0.001)
            if daemon.process.poll() is not None:
                self.fail("the daemon ended by itself: " + "\n".join(daemon.said[-20:]))
        return False

    def configure(self, size):
        self.write("turret.yaml", CONFIG.format(
            plugins=PLUGINS, venue=os.path.join(BUILD, "venue-plugins"), socket=self.path("s"),
            size=size))

    def cycle(self, number, chance):
        if chance.random() < 0.05:  # changed between two runs
            self.configure(chance.randrange(1, 5) * 20)
        daemon = self.start(ready=False)
        self.daemons = [daemon]
        if chance.random() < 0.05:  # changed while it starts or runs
            self.wait_for_log(daemon, chance.randrange(1, 300))
            self.configure(chance.randrange(1, 5) * 20)
        if chance.random() < 0.2:  # while it starts, recovers, downloads
            for _ in range(chance.randrange(1, 40)):
                daemon.drain(0.001)
        elif not self.wait_for_log(daemon, chance.randrange(1, 1500)):
            self.quiet += 1
            self.last_words = daemon.said[-20:]
        if daemon.process.poll() is not None:
            self.fail(f"start {number} (seed {SEED}) ended by itself: " + "\n".join(daemon.said))
        daemon.end(signal.SIGKILL)
        self.alarms += [line for line in daemon.said if ": alarm: " in line]
        self.reloads += any("is in force" in line for line in daemon.said)
        self.recovered += any("carried on from" in line for line in daemon.said)

    def settle(self):
        """One more run, in which nothing new is asked for, until no order's fate is open."""
        daemon = self.start()
        self.daemons = [daemon]
        for _ in range(100):  # it may answer that the store is behind
            done = self.turret("stop", "--all", "--store", "store")
            if done.returncode == 0:
                break
            daemon.drain(0.01)
        self.assertEqual(done.returncode, 0, done.stderr)
        for _ in range(200):
            status = self.json("status", "--store", "store")
            if status["working_orders"] == 0:
                break
            daemon.drain(0.05)
        self.assertEqual(daemon.end(signal.SIGTERM), 0, "\n".join(daemon.said[-5:]))
        self.alarms += [line for line in daemon.said if ": alarm: " in line]
        return status

    def compare_orders(self, oracle):
        orders = self.json("orders", "--all", "--store", "store")
        ours = {str(order["id"]): order for order in orders}
        self.assertEqual(len(ours), len(orders), "an order is listed twice")
        self.assertEqual(oracle.duplicates, [], "sent twice")
        self.assertEqual(sorted(set(oracle.orders) - set(ours)), [], "the venue's, not known here")
        self.assertEqual(sorted(set(oracle.rejects) - set(ours)), [], "refused, not known here")
        filled = oracle.filled()
        for client_id, (_, symbol, side, _, qty, *_) in oracle.orders.items():
            order = ours[client_id]
            self.assertIsNotNone(order["strategy"], f"{client_id} taken for a foreign order")
            self.assertEqual((order["symbol"], order["side"], order["qty"]),
                             (symbol, "buy" if side == "B" else "sell", qty), client_id)
            self.assertEqual(order["filled_qty"], str(filled.get(client_id, 0)), client_id)
            state = ("CANCELED" if client_id in oracle.cancels else "FILLED"
                     if filled.get(client_id, 0) == int(qty) else "working")
            self.assertEqual(order["state"], state, order)
        never = {"DENIED", "REJECTED"}
        for client_id, order in ours.items():
            if client_id not in oracle.orders:
                self.assertIn(order["state"], never, order)
        self.counts = (len(oracle.orders), len(oracle.rejects), len(oracle.cancels),
                       sum(1 for order in orders if order["venue_reason"] == "never arrived"))

    def compare_fills(self, oracle):
        fills = self.json("fills", "--all", "--store", "store")
        ours = {fill["execution_id"]: fill for fill in fills}
        self.assertEqual(len(ours), len(fills), "a fill was booked twice")
        self.assertEqual(sorted(ours), sorted(oracle.fills))
        for execution_id, fill in oracle.fills.items():
            client_id, symbol, side, qty, price, fee, _ = fill
            own = ours[execution_id]
            self.assertEqual(
                (str(own["order_id"]), own["symbol"], own["side"], money(own["qty"]),
                 money(own["price"]), money(own["fee"])),
                (client_id, symbol, "buy" if side == "B" else "sell", money(qty),
                 money(price) / 100, money(fee) / 10**8), execution_id)

    def compare_books(self, oracle, status):
        positions = self.json("positions", "--all", "--store", "store")
        account = {row["symbol"]: int(row["qty"]) for row in positions if row["strategy"] is None}
        self.assertEqual({symbol: qty for symbol, qty in account.items() if qty},
                         {symbol: qty for symbol, qty in oracle.positions().items() if qty})
        self.assertEqual(money(status["accounts"][0]["cash"]), oracle.cash())
        for row in positions:
            self.assertEqual((row["open_buy"], row["open_sell"]), ("0", "0"), row)

    def test_kill(self):
        chance = random.Random(SEED)
        self.quiet = self.recovered = self.reloads = 0
        self.alarms, self.last_words = [], []
        self.configure(40)
        venue = self.start_venue()
        for number in range(KILLS):
            self.cycle(number, chance)
        status = self.settle()
        self.assertEqual(status["working_orders"], 0, [
            order for order in self.json("orders", "--all", "--store", "store")
            if order["state"] not in ENDED])
        self.assertIsNone(venue.poll(), "the venue ended before the test")
        oracle = Oracle(self.log)
        self.compare_orders(oracle)
        self.compare_fills(oracle)
        self.compare_books(oracle, status)
        result = self.replays_equal("store")
        print(f"seed {SEED}: {KILLS} kills, {self.recovered} recoveries told, "
              f"{self.reloads} reloads, {self.quiet} quiet; "
              f"orders {self.counts[0]}, refused {self.counts[1]}, cancelled {self.counts[2]}, "
              f"never arrived {self.counts[3]}, fills {len(oracle.fills)}, "
              f"alarms {len(self.alarms)}, journal {result['records']}")
        self.assertLessEqual(self.quiet, KILLS // 10, self.last_words)
        self.assertGreater(len(oracle.fills), KILLS // 2, "too little traded to show anything")
        self.assertEqual(self.alarms, [])


if __name__ == "__main__":
    unittest.main()
