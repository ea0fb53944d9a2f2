# SPDX-License-Identifier: Apache-2.0
"""Shows that scripts/campaign refuses to do less than one of anything, for every campaign and each of
its numbers, with exit code 2 and the argument's name: nothing done would be nothing that differed.
"""
import os
import re
import subprocess
import sys
import unittest

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "campaign")


class Campaigns(unittest.TestCase):
    def campaign(self, *words):
        return subprocess.run([sys.executable, SCRIPT, *words], capture_output=True, text=True,
                              check=False, timeout=300)

    def numbers(self):
        """By the usage: {"kill": ["kills", "jobs"], …}, without seeds, which may be any."""
        usage = self.campaign().stderr
        parts = re.split(r"^    ([a-z]+)(?:-TARGET)? {2,}", usage, flags=re.M)[1:]
        return {"fuzz-state" if name == "fuzz" else name:
                [word for word in re.findall(r"--([a-z]+) N\b", text) if word != "seed"]
                for name, text in zip(parts[::2], parts[1::2])}

    def test_less_than_one(self):
        numbers = self.numbers()
        self.assertEqual(len(numbers), 8)
        self.assertIn("jobs", numbers["kill"])
        for name, words in numbers.items():
            self.assertTrue(words, name)
            for word in words:
                for number in ("0", "-3", "1.5"):
                    done = self.campaign(name, f"--{word}", number)
                    self.assertEqual((done.returncode, done.stdout), (2, ""), (name, word, number))
                    self.assertIn(f"argument --{word}: a whole number of at least 1 is needed, not "
                                  f"'{number}'\n", done.stderr)

    def test_no_such_campaign(self):
        self.assertEqual(self.campaign("nothing").returncode, 2)


if __name__ == "__main__":
    unittest.main()
