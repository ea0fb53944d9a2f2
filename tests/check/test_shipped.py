# SPDX-License-Identifier: Apache-2.0
"""Shows that every plugin this build ships passes the whole conformance kit: level 4, for three
seeds."""

import json
import os
import pathlib
import subprocess
import unittest

TURRET = os.environ["TURRET"]
PLUGINS = sorted(pathlib.Path(os.environ["TURRET_PLUGINS"]).glob("*.so"))


class Shipped(unittest.TestCase):
    def test_level_4(self):
        self.assertGreater(len(PLUGINS), 15)
        for path in PLUGINS:
            for seed in (1, 2, 3):
                with self.subTest(plugin=path.name, seed=seed):
                    done = subprocess.run(
                        [TURRET, "plugin", "check", path, "--json", "--seed", str(seed),
                         "--timeout", "60"],
                        capture_output=True, text=True, check=False, timeout=600)
                    failed = [f"{line['id']}: {line['text']}"
                              for line in json.loads(done.stdout)["checks"]
                              if line["outcome"] == "FAIL"]
                    self.assertEqual(failed, [])
                    self.assertEqual(json.loads(done.stdout)["level"], 4)
                    self.assertEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main()
