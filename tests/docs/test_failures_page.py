# SPDX-License-Identifier: Apache-2.0
"""
Shows that docs/failures.md has a row for each of the 66 failures, in order, and that each test it
names is there; a row without a test says who will make one.
"""
import os
import re
import unittest

ROOT = os.environ.get("TURRET_SOURCE", ".")
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$")
FILE = re.compile(r"`([\w./]+)`([\w, ]*)")
OWNER = re.compile(r"later: (HTTP adapters|HTTP API|operations)|being built \(([\w ]+)\)")


class FailuresPage(unittest.TestCase):
    def setUp(self):
        with open(os.path.join(ROOT, "docs", "failures.md"), encoding="utf-8") as file:
            self.rows = [match.groups() for match in map(ROW.match, file) if match]

    def test_every_number_once(self):
        self.assertEqual([int(row[0]) for row in self.rows], list(range(1, 67)))

    def test_every_test_is_there(self):
        for number, _, _, shown in self.rows:
            named = FILE.findall(shown)
            self.assertTrue(named or OWNER.search(shown), f"{number}: neither a test nor an owner")
            for path, tests in named:
                whole = os.path.join(ROOT, "tests", path)
                self.assertTrue(os.path.isfile(whole), f"{number}: no {path}")
                with open(whole, encoding="utf-8") as file:
                    words = set(re.findall(r"\w+", file.read()))
                for test in filter(None, map(str.strip, tests.split(","))):
                    self.assertIn(test, words, f"{number}: {path} has no such test")


if __name__ == "__main__":
    unittest.main()
