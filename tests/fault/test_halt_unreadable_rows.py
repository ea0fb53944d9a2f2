# SPDX-License-Identifier: Apache-2.0
"""
Shows that rows of orders which cannot be read keep `turret halt` from nothing else: every other order
is cancelled, and those that the venue tells of by itself; it says how many there were and why, and
has an exit code of its own, on a venue that answers and on one that does not.
"""
import os
import signal
import subprocess
import unittest

from fault_rig import BUILD, PARTLY, UNREADABLE
from halt_rig import HaltCase

KINDS = ("version", "cut", "bytes")


class Unreadable(HaltCase):
    def spoil(self, *kinds):
        """A dead daemon, 20 orders at the venue, and some of their rows spoilt; answers their ids."""
        daemon = self.trading()
        self.wait(daemon, lambda: self.states()["ACCEPTED"] == 20, "the rows")
        self.end_by(daemon)
        done = subprocess.run([os.path.join(BUILD, "tests", "order_damage"), self.path("store"),
                               *kinds], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        ids = {int(line) for line in done.stdout.split()}
        self.assertEqual(len(ids), len(kinds))
        return ids

    def test_the_others_are_halted(self):
        self.spoil(*KINDS)
        result = self.halt(code=UNREADABLE)
        self.assertEqual((result["unreadable"], result["open"], result["latched"]), (3, 0, True))
        self.assertEqual(self.working(), set())
        self.assertEqual(len(result["orders"]), 20)  # those three by the venue's own word
        done = self.turret("halt", "--store", "store")
        self.assertEqual(done.returncode, UNREADABLE, done.stderr)
        self.assertIn("3 orders of the store could not be read (", done.stderr)
        self.agree(self.next_start())

    def test_each_kind_is_named(self):
        for kind, why in (("version", "a row has version 2, this turret knows 1"),
                          ("cut", "a row is damaged"), ("bytes", "checksum")):
            with self.subTest(kind):
                self.again(kind)
                self.spoil(kind)
                result = self.halt(code=UNREADABLE)
                self.assertEqual(result["unreadable"], 1)
                self.assertIn(why, result["unreadable_why"])
                self.assertEqual(self.working(), set())

    def test_a_venue_that_does_not_answer(self):
        """Nothing tells of the three: neither they nor the others are called gone."""
        ids = self.spoil(*KINDS)
        self.venue.send_signal(signal.SIGSTOP)
        result = self.halt("--wait", "1", code=PARTLY)  # the worse one
        self.assertEqual((len(result["orders"]), result["unreadable"]), (17, 3))
        self.assertFalse(any(order["proven"] for order in result["orders"]))
        self.assertFalse({order["id"] for order in result["orders"]} & ids)
        self.venue.send_signal(signal.SIGCONT)
        self.assertEqual(self.halt(code=UNREADABLE)["open"], 0)
        self.assertEqual(self.working(), set())


if __name__ == "__main__":
    unittest.main()
