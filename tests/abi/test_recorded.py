# SPDX-License-Identifier: Apache-2.0
"""Shows that plugins built against every recorded ABI load and run in today's host: a strategy
over stored bars, the same with an indicator of that time, and a broker adapter that fills orders;
with the results that the same code built against today's headers gives."""
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import unittest

from abi_rig import CURRENT, RECORDED, SOURCE

TURRET = os.environ["TURRET"]
PLUGINS = os.environ["TURRET_PLUGINS"]
MAP = os.path.join(SOURCE, "plugin-api", "sdk", "plugin.map")
CONFIG = """
turret: 1
mode: paper
store: store
plugins:
  - path: %(own)s
  - path: %(plugins)s
venues:
  venue: {adapter: %(adapter)s, cash: {USD: 100000}}
instruments:
  DEMO.venue: {tick: 0.01, lot: 1, currency: USD}
strategies:
  it: {plugin: recorded.strategy, on: DEMO.venue@1m, params: {fast: 5, slow: 20, size: 10}}
risk: {preset: development}
"""


class Recorded(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="turret-recorded-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.turret("data", "make", "--store", "store", "-s", "DEMO", "-t", "1m", "--bars", "3000")

    def turret(self, *arguments):
        done = subprocess.run([TURRET, *arguments], cwd=self.folder, capture_output=True,
                              text=True, check=False, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotRegex(done.stderr, "disabled|refused|built for")
        return done.stdout

    def build(self, version, include, own, average="sma"):
        """The three recorded plugins in the folder `own`, compiled against `include`."""
        os.makedirs(os.path.join(self.folder, own))
        for kind in ("strategy", "indicator", "broker"):
            with open(os.path.join(RECORDED, version, kind + ".c"), encoding="utf-8") as file:
                text = file.read().replace("sma(%d)", average + "(%d)")
            subprocess.run(["gcc", "-std=c11", "-O2", "-fPIC", "-shared", "-fvisibility=hidden",
                            "-ffp-contract=off", "-I", include, "-x", "c", "-", "-o",
                            f"{own}/{kind}.so", "-Wl,-z,defs", "-Wl,-z,now", "-Wl,--build-id",
                            "-Wl,--version-script=" + MAP], input=text, text=True, check=True,
                           cwd=self.folder)
        return own

    def configured(self, own, adapter):
        name = f"{own}-{adapter}.yaml"
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(CONFIG % {"own": own, "plugins": PLUGINS, "adapter": adapter})
        return name

    def backtest(self, own):
        result = json.loads(self.turret("backtest", "--json", self.configured(own, "sim")))
        self.assertGreater(result["trades"], 10)
        return result["hash"], result["end_equity"]

    def each(self):
        versions = sorted(os.listdir(RECORDED))
        self.assertIn("0.1", versions)
        for version in versions:
            with self.subTest(version):
                yield version, os.path.join(RECORDED, version)

    def test_read(self):
        for version, include in self.each():
            own = self.build(version, include, "read-" + version)
            for kind in ("strategy", "indicator", "broker"):
                shown = self.turret("plugin", "info", f"{own}/{kind}.so")
                self.assertIn(f"recorded.{kind} 1.0.0, plugin ABI {version}\n", shown)

    def test_strategy_and_indicator(self):
        for version, include in self.each():
            for average in ("sma", "recorded.indicator"):
                old = self.build(version, include, f"old-{version}-{average}", average)
                new = self.build(version, CURRENT, f"new-{version}-{average}", average)
                self.assertEqual(self.backtest(old), self.backtest(new))

    def test_broker(self):
        for version, include in self.each():
            config = self.configured(self.build(version, include, "own-" + version),
                                     "recorded.broker")
            session = subprocess.Popen([TURRET, "run", config], cwd=self.folder,
                                       stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
            fills = []
            for _ in range(600):
                ended = select.select([session.stderr], [], [], 0.05)[0] and \
                    not os.read(session.stderr.fileno(), 65536)
                done = subprocess.run([TURRET, "fills", "--json", "--store", "store"],
                                      cwd=self.folder, capture_output=True, text=True, check=False)
                fills = json.loads(done.stdout) if done.returncode == 0 else []
                if fills or ended:
                    break
            session.send_signal(signal.SIGINT)
            session.communicate(timeout=60)
            self.assertTrue(fills)
            self.assertEqual(session.returncode, 0)
            self.turret("journal", "verify", "--store", "store")


if __name__ == "__main__":
    unittest.main()
