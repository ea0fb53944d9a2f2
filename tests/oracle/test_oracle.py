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


if __name__ == "__main__":
    unittest.main()
