# SPDX-License-Identifier: Apache-2.0
"""
Shows that orders and changes which the kill switch keeps back from a simulated venue, between the
intent and the disk, do not reach it when the journal is replayed either: the disk is stuck while
the switch is thrown, many times over, and at some of them the daemon is killed while it waits.
Every recovery and `turret replay` hear the very answers that were heard then.
"""
import os
import re
import signal
import unittest

from fault_rig import BUILD, DONE, PLUGINS, Case

CONFIG = """
turret: 1
mode: paper
store: store
plugins: [{{path: {plugins}}}, {{path: {venue}}}]
venues:
  sim:
    adapter: sim
    cash: {{USD: 1000000}}
    seed: 7
    params: {{market: synthetic, pace_ms: 1, latency_ms: {latency}}}
instruments:
  AAA.sim: {{tick: 0.01, lot: 1, currency: USD}}
  BBB.sim: {{tick: 0.01, lot: 1, currency: USD}}
strategies:
  changer: {{plugin: test.changer, on: [AAA.sim@1m, BBB.sim@1m]}}
  cross: {{plugin: ma_cross, on: BBB.sim@1m, params: {{fast: 2, slow: 4, size: 10, short: true}}}}
  buyer: {{plugin: accumulate, on: AAA.sim@1m, params: {{qty: 1, orders: 5000}}}}
risk: {{preset: development}}
"""
STUCK = os.path.join(BUILD, "tests", "stuck.so")
ROUNDS = 24
# Order, request 2 (modify), its version, outcome 2 (rejected), origin, round trip, venue's id, text.
CHANGE = re.compile(rb"(.{8}\x02\0{3}.{4})\x02\0{3}.{12}\0{40}not sent: trading was halted", re.S)


@unittest.skipUnless(os.path.exists(STUCK), "no libraries for LD_PRELOAD in this build")
class KeptBack(Case):
    def begin(self):
        daemon = self.start(env=dict(os.environ, LD_PRELOAD=STUCK, STUCK=self.path("stuck")))
        self.assertNotIn("was a plugin rebuilt", "\n".join(daemon.said))
        return daemon

    def trade_on(self, daemon, events):
        """Until the journal has so many more records."""
        first = None
        for _ in range(4000):
            done = self.json("status", "--store", "store")["durable"]
            first = done if first is None else first
            if done >= first + events:
                return
            daemon.drain(0.002)
        self.fail("nothing happens: " + "\n".join(daemon.said[-20:]))

    def throw(self, daemon):
        """The kill switch, while what was just decided waits for the disk."""
        self.write("stuck", "")
        daemon.drain_for(0.05)  # bars come every millisecond: one of them leads to an order
        daemon.kill(signal.SIGUSR1)
        self.assertIsNotNone(daemon.until("the kill switch is set"), daemon.said)

    def kept_back(self):
        """How many orders, by the audit, and changes, by the acknowledgements in the journal."""
        orders = self.ok("audit", "--all", "--store", "store").count('what="kept back"')
        with open(self.path("store/data.mdb"), "rb") as file:
            return orders, len(set(CHANGE.findall(file.read())))

    def rounds(self, latency):
        self.write("turret.yaml", CONFIG.format(
            plugins=PLUGINS, venue=os.path.join(BUILD, "venue-plugins"), latency=latency))
        daemon = self.begin()
        for number in range(ROUNDS):
            self.trade_on(daemon, 20 + 7 * number)
            self.throw(daemon)
            if number % 4 == 3:  # the next start finds the orders, and the switch
                daemon.kill()
                os.remove(self.path("stuck"))
                daemon.process.wait(60)
                daemon = self.begin()
            else:
                os.remove(self.path("stuck"))
            if number % 4 == 1:  # what was kept back is only in the journal
                self.trade_on(daemon, 5)
                daemon.end(signal.SIGKILL)
                daemon = self.begin()
            self.ok("resume", "all", "--killed", "--reason", "a drill", "--store", "store")
        self.trade_on(daemon, 50)
        self.assertEqual(daemon.end(signal.SIGTERM), DONE, daemon.said)
        result = self.replays_equal("store")
        self.assertTrue(result["snapshot_equal"])
        orders, changes = self.kept_back()
        print(f"{orders} orders and {changes} changes kept back, {result['records']} records")
        self.assertGreater(orders, ROUNDS // 4)
        self.assertGreater(changes, ROUNDS // 4)

    def test_at_once(self):
        self.rounds(0)

    def test_with_latency(self):
        """Changes and cancels are answered by a later bar."""
        self.rounds(90000)


if __name__ == "__main__":
    unittest.main()
