# SPDX-License-Identifier: Apache-2.0
"""
Shows that what an adapter says inside a command passes the same checks as what it says at any other
time. The core remembers the newest 8192 executions: an older one that is told again while an order
is sent is found in the store and not booked twice, and its bust takes it back; and the fill of an
order that this host never made ends the daemon. Market data come in their turn, and a simulated venue
that lives by them sees them. The journal does it all again alike.
"""
import os
import signal
import unittest

from fault_rig import BUILD, DONE, FAILED, PLUGINS, Case

CONFIG = """
turret: 1
mode: paper
store: store
plugins: [{{path: {plugins}}}, {{path: {venue}}}]
venues:
  prompt: {{adapter: test.prompt, cash: {{USD: 100000000}}, params: {{says: {says}}}}}
  sim: {{adapter: sim, cash: {{USD: 100000000}}}}
instruments:
  AAA.prompt: {{tick: 0.01, lot: 1, currency: USD}}
  BBB.sim: {{tick: 0.01, lot: 1, currency: USD, feed: prompt}}
strategies:
  steady: {{plugin: test.steady, on: AAA.prompt@1s}}
  fed: {{plugin: test.steady, on: BBB.sim@1s}}
risk: {{preset: development}}
"""


class Prompt(Case):
    def begin(self, says):
        self.write("turret.yaml", CONFIG.format(
            plugins=PLUGINS, venue=os.path.join(BUILD, "venue-plugins"), says=says))
        return self.start()

    def filled(self, strategy="steady"):
        return len(self.json("fills", "--strategy", strategy, "--all", "--store", "store"))

    def trade(self, says, strategy="steady"):
        """Until it has fills, and the journal leads to the same."""
        daemon = self.begin(says)
        for _ in range(4000):
            if self.filled(strategy) >= 3:
                break
            daemon.drain(0.01)
            self.assertIsNone(daemon.process.poll(), daemon.said[-5:])
        self.assertEqual(daemon.end(signal.SIGTERM), DONE, daemon.said[-5:])
        self.replays_equal("store")

    def held(self, says):
        """What the account holds beside its strategy's, after the first order."""
        self.trade(says)
        account = sum(int(row["qty"]) for row in self.json("positions", "--all", "--store", "store")
                      if row["strategy"] is None and row["symbol"] == "AAA")
        return account - self.filled()

    def test_a_fill_that_was_forgotten(self):
        self.assertEqual(self.held("fill"), 5)

    def test_a_bust_of_it(self):
        self.assertEqual(self.held("bust"), 0)

    def test_an_order_that_was_never_made(self):
        daemon = self.begin("strange")
        self.assertIsNotNone(daemon.until("which this store never made"), daemon.said[-5:])
        self.assertEqual(daemon.end(), FAILED)
        self.assertEqual(self.filled(), 1)

    def test_market_data_of_another_venue(self):
        self.trade("bar", "fed")


if __name__ == "__main__":
    unittest.main()
