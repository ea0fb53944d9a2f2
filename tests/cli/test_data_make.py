# SPDX-License-Identifier: Apache-2.0
"""Shows `turret data make`: bars that are sound and the same for the same seed, in order and without
gaps, that a run of many blocks continues where one ended, and that nothing stored is mixed with
them."""
import unittest

from turret_cli import Case, INVALID, USAGE


class Make(Case):
    def make(self, series, *arguments):
        return self.ok("data", "make", "--series", series, "--timeframe", "1m", *arguments)

    def test_the_same_seed_gives_the_same_bars(self):
        for series, seed in (("A", "5"), ("B", "5"), ("C", "6")):
            self.make(series, "--bars", "300", "--seed", seed)
        rows = self.exported("A")
        self.assertEqual(rows, self.exported("B"))
        self.assertNotEqual(rows, self.exported("C"))
        self.assertEqual(rows[0][0], "2024-01-02T14:30:00Z")
        self.assertEqual(float(rows[0][1]), 100)

    def test_more_bars_begin_alike(self):
        self.make("A", "--bars", "4100")  # over the edge of one merge
        self.make("B", "--bars", "9000")
        self.assertEqual(self.exported("A"), self.exported("B")[:4100])

    def test_bars_are_sound(self):
        said = self.make("A", "--bars", "9000", "--seed", "77")
        self.assertIn("A 1m: 9000 synthetic bars of seed 77", said)
        self.assertIn("9000 bars checked", self.ok("data", "verify", "A"))
        before, moves = None, set()
        for row in self.exported("A"):
            opening, high, low, close = (round(float(cell) * 100) for cell in row[1:5])
            self.assertTrue(0 < low <= min(opening, close) and high >= max(opening, close), row)
            self.assertIn(before, (None, opening))
            moves.add(close > opening)
            before = close
        self.assertEqual(moves, {True, False})
        self.assertEqual(self.json("data", "make", "-s", "J", "-t", "1d")["synthetic"], True)

    def test_refusals(self):
        make = ("data", "make", "-s", "A", "-t", "1m")
        self.make("A", "--bars", "10")
        self.refused(INVALID, "made-up bars are not mixed", *make)
        self.assertEqual(len(self.exported("A")), 10)
        self.refused(USAGE, "--bars is '0'", *make, "--bars", "0")
        self.refused(USAGE, "--bars is '10000001'", *make, "--bars", "10000001")
        self.refused(USAGE, "--seed is '-1'", *make, "--seed", "-1")
        self.refused(USAGE, "timeframe", "data", "make", "-s", "A", "-t", "1x")
        self.refused(USAGE, "--series is ''", "data", "make", "-s", "", "-t", "1m")
        self.refused(INVALID, "end after year 2262", "data", "make", "-s", "L", "-t", "1d",
                     "--bars", "10000000")


if __name__ == "__main__":
    unittest.main()
