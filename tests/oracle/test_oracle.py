# SPDX-License-Identifier: Apache-2.0
"""
Shows that the oracle sees what it is there for: of one run's log every kind of line is changed, one
at a time - an order, a fill, a cancel, a refusal less or more, another quantity, price, side - and
each time it names the order and exits 1; with the true log it exits 0.
"""
import os
import re
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "fault"))
from venue_rig import VenueCase  # pylint: disable=wrong-import-position
from fault_rig import ORACLE  # pylint: disable=wrong-import-position
from oracle import Venue, WORKING  # pylint: disable=wrong-import-position


class Oracle(VenueCase):
    def judge(self, lines):
        log = self.write("changed.log", "".join(lines))
        done = subprocess.run([sys.executable, ORACLE, log, self.path("store")],
                              capture_output=True, text=True, check=False, timeout=300)
        return done.returncode, done.stdout

    def changes(self, lines):
        """(what, id it must name, changed lines)"""
        first = {}
        for at, line in enumerate(lines):
            first.setdefault(line.split()[0], at)
        self.assertLessEqual({"ORDER", "FILL", "CANCEL", "REJECT"}, set(first))
        fill, order = first["FILL"], first["ORDER"]
        filled = lines[fill].split()[2]
        for word, at in first.items():
            if word in ("ORDER", "FILL", "CANCEL", "REJECT"):
                named = lines[at].split()[2 if word == "FILL" else 1]
                if word != "ORDER":  # its fills would hang in the air
                    yield "without " + word, named, lines[:at] + lines[at + 1:]
        words = lines[fill].split()
        for place, what in ((4, "side"), (5, "qty"), (6, "price"), (7, "fee"), (3, "symbol")):
            other = {"side": "S" if words[4] == "B" else "B",
                     "symbol": "BBB" if words[3] != "BBB" else "CCC"}.get(what)
            other = other or str(int(words[place]) + 1)
            changed = " ".join(words[:place] + [other] + words[place + 1:]) + "\n"
            yield "fill's " + what, filled, lines[:fill] + [changed] + lines[fill + 1:]
        words = lines[order].split()
        more = " ".join(["ORDER", "77", "V99999", *words[3:]]) + "\n"
        yield "an order more", "77", lines + [more]
        yield "an order again", words[1], lines + [f"DUPLICATE {words[1]}\n"]
        changed = " ".join(words[:6] + [str(int(words[6]) + 7)] + words[7:]) + "\n"
        yield "order's qty", words[1], lines[:order] + [changed] + lines[order + 1:]
        yield "a change more", words[1], lines + [f"MODIFY {words[1]} {int(words[6]) + 7} 1 1\n"]
        yield "a fill more", filled, lines + [lines[fill].replace("FILL X", "FILL X99")]
        yield "a bust", filled, lines + ["BUST " + lines[fill].split()[1] + " X0\n"]

    def test_every_change_is_seen(self):
        self.trade("every 9: refuse", seen=lambda counts: min(
            counts[word] for word in ("ORDER", "FILL", "CANCEL", "REJECT")) >= 2)
        self.oracle(self.log, "store")
        with open(self.log, encoding="ascii") as log:
            lines = log.readlines()
        self.assertEqual(self.judge(lines)[0], 0)
        for what, named, changed in self.changes(lines):
            code, said = self.judge(changed)
            self.assertEqual(code, 1, what)
            self.assertTrue(re.search(rf"^order {named}: ", said, re.M), what + ": " + said)

    def order_after(self, *lines):
        """The order 7, of which 10 were asked for, after these lines of a log."""
        log = ["ORDER 7 V1 AAA B L 10 9000 1 G", *lines]
        return Venue(self.write("some.log", "\n".join(log) + "\n")).orders["7"]

    def test_what_a_bust_leaves(self):
        """What is taken back does not trade again, what stands instead did not trade now."""
        first, last = "FILL X1 7 AAA B 4 9000 0 1", "FILL X3 7 AAA B 6 9000 0 1"
        corrected = ("BUST X1 X2", "FILL X2 7 AAA B 3 9000 0 1")
        for lines, states, filled in (
                ((first, last), {"FILLED"}, 10),
                ((first, last, "BUST X1 X0"), {"FILLED"}, 6),
                ((first, "BUST X1 X0", last), {"FILLED"}, 6),
                ((first, "BUST X1 X0"), WORKING, 0),
                ((first, "BUST X1 X0", "CANCEL 7 1"), {"CANCELED"}, 0),
                ((first, *corrected), {"PARTIAL"}, 3),
                ((first, *corrected, "CANCEL 7 1"), {"CANCELED"}, 3),
                ((first, *corrected, "FILL X3 7 AAA B 5 9000 0 1"), {"PARTIAL"}, 8),
                ((first, *corrected, "FILL X3 7 AAA B 5 9000 0 1", "CANCEL 7 1"), {"CANCELED"}, 8),
                ((first, *corrected, last), {"FILLED"}, 9),
                ((first, "CANCEL 7 1", last), {"FILLED"}, 10)):  # late, and all of it
            with self.subTest(lines=lines):
                order = self.order_after(*lines)
                self.assertEqual((order.states(), order.filled), (states, filled))

    def test_what_a_change_leaves(self):
        """The quantity is the total; a bust before it may trade again."""
        first, more = "FILL X1 7 AAA B 4 9000 0 1", "FILL X2 7 AAA B 6 9000 0 1"
        for lines, states, leaves in (
                (("MODIFY 7 12 9100 1", first), {"PARTIAL"}, 8),
                ((first, "MODIFY 7 12 9100 1", more), {"PARTIAL"}, 2),
                ((first, "MODIFY 7 6 9100 1"), {"PARTIAL"}, 2),
                ((first, "MODIFY 7 6 9100 1", "FILL X2 7 AAA B 2 9000 0 1"), {"FILLED"}, 0),
                ((first, "BUST X1 X0", "MODIFY 7 12 9100 1", more), {"PARTIAL"}, 6)):
            with self.subTest(lines=lines):
                order = self.order_after(*lines)
                self.assertEqual((order.states(), order.leaves()), (states, leaves))


if __name__ == "__main__":
    unittest.main()
