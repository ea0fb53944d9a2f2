# SPDX-License-Identifier: Apache-2.0
"""Shows the broker cards against a real, fault-injecting venue (tests/venue): without being told
where it is, the adapter's cards are skipped and no level is claimed; told by --param, it becomes
ready, and the fate of every submit is known though the venue refuses, loses answers, says that it
does not know and tells fills twice."""

import json
import os
import pathlib
import select
import subprocess
import tempfile
import unittest

TURRET = os.environ["TURRET"]
BUILD = pathlib.Path(os.environ["TURRET_BUILD"])
ADAPTER = BUILD / "venue-plugins" / "test_adapter.so"
RUNS = 3


def check(*arguments):
    done = subprocess.run([TURRET, "plugin", "check", ADAPTER, "--json", "--timeout", "60",
                           *arguments], capture_output=True, text=True, check=False, timeout=300)
    return done, json.loads(done.stdout)


class Venue(unittest.TestCase):
    def start(self, folder, seed):
        path = os.path.join(folder, "venue")
        venue = subprocess.Popen([BUILD / "tests" / "fake_venue", path,
                                  os.path.join(folder, "log"), str(seed), "6", "200000", "30000"])
        self.addCleanup(venue.wait)
        self.addCleanup(venue.kill)
        while not os.path.exists(path):
            self.assertIsNone(venue.poll())
            select.select([], [], [], 0.002)
        return path

    def test_without_its_venue(self):
        done, found = check("--param", "socket=/nowhere/venue")
        self.assertEqual((done.returncode, found["failed"], found["level"]), (0, 0, 0))
        outcomes = {line["id"]: line for line in found["checks"]}
        self.assertEqual(outcomes["broker-describe"]["outcome"], "SKIP")
        self.assertIn("venue does not answer", outcomes["broker-describe"]["text"])

    def test_an_unknown_parameter_is_named(self):
        done, found = check("--param", "plug=1", "--only", "lifecycle-start")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(found["checks"][0]["text"], "has no parameter plug")

    def test_every_fate_is_known(self):
        with tempfile.TemporaryDirectory() as folder:
            path = self.start(folder, 7)
            for _ in range(RUNS):
                _, found = check("--param", f"socket={path}", "--instrument", "AAA", "--only",
                                 "broker-describe", "--only", "broker-close", "--only",
                                 "broker-submit", "--only", "broker-unknown")
                self.assertEqual([(line["id"], line["outcome"], line["text"])
                                  for line in found["checks"]],
                                 [(name, "PASS", "") for name in
                                  ("broker-describe", "broker-close", "broker-submit",
                                   "broker-unknown")])
            with open(os.path.join(folder, "log"), encoding="utf-8") as log:
                lines = log.read().splitlines()
            self.assertFalse([line for line in lines if "DUPLICATE" in line])
            self.assertGreaterEqual(len(lines), 8 * RUNS)


if __name__ == "__main__":
    unittest.main()
