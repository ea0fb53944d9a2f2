# SPDX-License-Identifier: Apache-2.0
"""
Shows that a store which was put back from an old backup is found out. The venue knows orders of this
host that the store does not: nothing is sent before a person decides, no old intent is sent again,
and no id of an order is used twice.
"""
import shutil
import signal
import unittest

from fault_rig import FAILED
from venue_rig import BUYER, QUOTER, VenueCase


class OldBackup(VenueCase):
    strategies = QUOTER + BUYER.replace("orders: 40", "orders: 4000")

    def trade_more(self, daemon, fills):
        before = self.counts()["FILL"]
        self.wait(daemon, lambda: self.counts()["FILL"] > before + fills, "fills")

    def test_12_old_backup(self):
        daemon = self.begin("")
        self.trade_more(daemon, 20)
        self.assertEqual(daemon.end(signal.SIGTERM), 0, daemon.said)
        shutil.copytree(self.path("store"), self.path("backup"))
        daemon = self.start()
        self.trade_more(daemon, 40)
        self.assertEqual(daemon.end(signal.SIGTERM), 0, daemon.said)

        shutil.rmtree(self.path("store"))
        shutil.copytree(self.path("backup"), self.path("store"))
        sent = self.counts()["ORDER"]
        for _ in range(2):  # being started again is no decision
            number = self.refused()
        self.assertEqual(self.counts()["ORDER"], sent, "it sent orders from an old store")
        known = self.lines("ORDER") + self.lines("REJECT")  # what it refused it knows, too
        self.assertIn(str(number), {words[0] for words in known})

        daemon = self.start(arguments=("--known-order", str(number)))
        self.trade_more(daemon, 20)
        self.assertEqual(daemon.end(signal.SIGTERM), 0, daemon.said)
        self.assertGreater(self.counts()["ORDER"], sent)
        self.assertEqual(self.counts()["DUPLICATE"], 0, "it used an id again")
        self.replays_equal("store")
        daemon = self.start()  # the store is the newest again
        self.trade_more(daemon, 5)
        self.assertEqual(daemon.end(signal.SIGTERM), 0, daemon.said)

    def refused(self):
        """A start that ends by itself; answers the order that the venue knows and it does not."""
        daemon = self.start(ready=False)
        self.assertEqual(daemon.end(), FAILED, daemon.said)
        self.assertIn("old backup", daemon.said[-1])
        return int(daemon.said[-1].rsplit(" ", 1)[1])


if __name__ == "__main__":
    unittest.main()
