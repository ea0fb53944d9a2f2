# SPDX-License-Identifier: Apache-2.0
"""Shows that a damaged file is a result, too: bytes of a good plugin changed or cut off at random
(the same ones on every run) end in 'failed', 'no plugin' or, where the byte means nothing, 'passed';
the program itself neither crashes nor hangs."""

import os
import pathlib
import random
import subprocess
import tempfile
import unittest

TURRET = os.environ["TURRET"]
GOOD = pathlib.Path(os.environ["TURRET_PLUGINS"]) / "sma.so"
ROUNDS = 150


class Damaged(unittest.TestCase):
    def test_every_damage_is_a_result(self):
        chance = random.Random(5)
        good = GOOD.read_bytes()
        codes = set()
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "damaged.so"
            for number in range(ROUNDS):
                bytes_now = bytearray(good)
                for _ in range(chance.choice((1, 1, 2, 8, 64))):
                    reach = chance.choice((64, 0x240, 0x800, len(bytes_now)))
                    bytes_now[chance.randrange(reach)] = chance.randrange(256)
                if number % 10 == 0:
                    del bytes_now[chance.randrange(len(bytes_now)):]
                path.write_bytes(bytes_now)
                done = subprocess.run([TURRET, "plugin", "check", path, "--only", "elf", "--only",
                                       "load-opens"], capture_output=True, text=True, check=False,
                                      timeout=60)
                with self.subTest(number=number):
                    self.assertIn(done.returncode, (0, 1, 3), done.stderr)
                    self.assertEqual(done.stderr == "", done.returncode != 3)
                    self.assertNotIn("runtime error", done.stdout)
                    for line in done.stdout.splitlines():
                        if line.startswith("elf-"):
                            self.assertNotIn("killed by", line)
                codes.add(done.returncode)
        self.assertEqual(codes, {0, 1, 3})


if __name__ == "__main__":
    unittest.main()
