# SPDX-License-Identifier: Apache-2.0
"""Shows that no change of the store's data file makes a reader die, hang, answer with something
that was never written, or miss something without a word: changed bytes (each bit of both meta pages,
a seeded choice of the rest), emptied, filled and exchanged pages, and a file that was cut off.

The work is done by the program store_damage, which has a child process read the store each time.
TURRET_DAMAGE_COUNT sets how many bytes are tried, 0 means every byte of the file (an hour).
"""
import os
import re
import subprocess
import tempfile
import unittest

PROGRAM = os.path.join(os.environ.get("TURRET_BUILD", "build"), "tests", "store_damage")
COUNT = os.environ.get("TURRET_DAMAGE_COUNT", "3000")
SEED = os.environ.get("TURRET_DAMAGE_SEED", "20")


class StoreDamage(unittest.TestCase):
    def test_damage_is_named_or_means_nothing(self):
        with tempfile.TemporaryDirectory() as directory:
            run = subprocess.run(
                [PROGRAM, os.path.join(directory, "store"), SEED, COUNT],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        found = {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", run.stdout)}
        context = f"seed {SEED}, count {COUNT}: {run.stdout}{run.stderr}"
        for never in ("silent", "other", "died"):
            self.assertEqual(found[never], 0, context)
        # both kinds have to occur, or the test looked at the wrong bytes
        self.assertGreater(found["corrupt"], 500, context)
        self.assertGreater(found["unaffected"], 100, context)
        print(run.stdout.strip())


if __name__ == "__main__":
    unittest.main()
