# SPDX-License-Identifier: Apache-2.0
"""Shows that the examples in C, C++ and Rust are plugins as the ABI wants them (one export, nothing
that keeps them mapped), and that they trade in a backtest as their rule says, which is worked out
here once more from the same bars. Rust: only where rustc is; the test says so."""
import glob
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

TURRET = os.environ["TURRET"]
PLUGINS = os.environ["TURRET_PLUGINS"]
SOURCE = os.environ["TURRET_SOURCE"]
EXAMPLES = os.path.join(os.environ["TURRET_BUILD"], "examples")
BARS = 4000
SWAP = [os.path.join(EXAMPLES, "swap", f"v{n}") for n in (1, 2, 3)]
RUST = os.path.isdir(os.path.join(EXAMPLES, "rust"))
NAMES = {"swap": ["cross_v1", "cross_v2", "cross_v3"], "cxx": ["breakout", "median"],
         "rust": ["midpoint", "ride"]}
CONFIG = """
turret: 1
mode: backtest
store: store
plugins: [{path: %(plugins)s}, {path: %(own)s}]
venues:
  sim: {adapter: sim, cash: {USD: 100000}}
instruments:
  DEMO.sim: {tick: 0.01, lot: 1, currency: USD}
strategies:
  it: {plugin: %(plugin)s, on: DEMO.sim@1m, params: {%(params)s}}
risk: {preset: development}
"""


def run(*command, cwd=None):
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def built(folder):
    """Every plugin of that part of the examples."""
    return sorted(glob.glob(os.path.join(EXAMPLES, folder, "**", "*.so"), recursive=True))


class Files(unittest.TestCase):
    def parts(self):
        for part, names in NAMES.items():
            if part == "rust" and not RUST:
                print("skipped: the examples in Rust were not built: rustc is not installed")
                continue
            with self.subTest(part):
                paths = built(part)
                self.assertEqual([os.path.basename(path)[:-3] for path in paths], names)
                yield part, paths

    def test_one_export_and_nothing_that_stays(self):
        for _, paths in self.parts():
            for path in paths:
                exports = run("nm", "-D", "--defined-only", path).stdout.split()
                self.assertEqual((len(exports), exports[-1]), (3, "turret_entry"), path)
                dynamic = run("readelf", "-dW", path).stdout
                self.assertIn("BIND_NOW", dynamic)
                for bad in ("TEXTREL", "STATIC_TLS", "NODELETE", "libstdc++", "libgcc"):
                    self.assertNotIn(bad, dynamic, path)
                self.assertNotIn("UNIQUE", run("readelf", "--dyn-syms", "-W", path).stdout)
                self.assertRegex(run("readelf", "-nW", path).stdout, "Build ID: [0-9a-f]{40}")

    def test_info(self):
        for part, paths in self.parts():
            for path in paths:
                shown = run(TURRET, "plugin", "info", path)
                self.assertEqual(shown.returncode, 0, shown.stderr)
                self.assertRegex(shown.stdout, r"\A(example\.\w+) \d\.0\.0, plugin ABI \d+\.\d+\n")
                if part == "swap":
                    version = os.path.basename(path)[7]
                    self.assertIn(f"example.cross {version}.0.0", shown.stdout)


class Trades(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="turret-examples-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.turret("data", "make", "--store", "store", "-s", "DEMO", "-t", "1m", "--bars",
                    str(BARS), "--seed", "11")
        rows = self.turret("data", "export", "DEMO", "--store", "store").splitlines()[1:]
        self.rows = [[round(float(cell) * 100) for cell in row.split(",")[1:5]] for row in rows]
        self.assertEqual(len(self.rows), BARS)

    def turret(self, *arguments):
        done = run(TURRET, *arguments, cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("disabled", done.stderr)
        return done.stdout

    def orders(self, own, plugin, params):
        """The result of a backtest of this plugin alone."""
        with open(os.path.join(self.folder, "it.yaml"), "w", encoding="utf-8") as file:
            file.write(CONFIG % {"plugins": PLUGINS, "own": own, "plugin": plugin,
                                 "params": params})
        result = json.loads(self.turret("backtest", "it.yaml", "--json"))
        self.assertEqual((result["bars"], result["denied"]), (BARS, 0))
        return result

    def expected(self, wanted):
        """How many orders lead through these positions, one bar after the other, from none."""
        return sum(1 for before, after in zip([0] + wanted, wanted) if before != after)

    def test_breakout(self):
        closes, held, wanted = [row[3] for row in self.rows], 0, []
        for i, close in enumerate(closes):
            if i >= 20:
                last = closes[i - 20:i]
                held = 1 if close > max(last) else 0 if close < min(last) else held
            wanted.append(held)
        result = self.orders(os.path.join(EXAMPLES, "cxx"), "example.breakout", "length: 20")
        self.assertGreater(result["orders"], 50)
        self.assertEqual(result["orders"], self.expected(wanted))

    def test_ride(self):
        if not RUST:
            self.skipTest("rustc is not installed")
        wanted = []
        for i, row in enumerate(self.rows):
            last = self.rows[max(0, i - 19):i + 1]
            middle = max(bar[1] for bar in last) / 100 / 2 + min(bar[2] for bar in last) / 100 / 2
            wanted.append(int(i >= 19 and row[3] / 100 > middle))
        result = self.orders(os.path.join(EXAMPLES, "rust"), "example.ride", "size: 1")
        self.assertGreater(result["orders"], 50)
        self.assertEqual(result["orders"], self.expected(wanted))

    def test_median(self):
        """The C++ indicator under the first build of the swap example, in place of an average."""
        path = os.path.join(SOURCE, "plugins", "examples", "swap", "cross_v1.c")
        with open(path, encoding="utf-8") as file:
            text = file.read().replace("sma(%d)", "example.median(%d)")
        own = os.path.join(self.folder, "own")
        os.mkdir(own)
        subprocess.run(["gcc", "-std=c11", "-O2", "-fPIC", "-shared", "-x", "c", "-", "-o",
                        own + "/cross.so", "-I", os.path.join(SOURCE, "plugin-api", "include"),
                        "-Wl,--build-id", "-Wl,--version-script=" +
                        os.path.join(SOURCE, "plugin-api", "sdk", "plugin.map")],
                       input=text, text=True, check=True)
        shutil.copy(os.path.join(EXAMPLES, "cxx", "median.so"), own)
        closes, wanted = [row[3] for row in self.rows], []

        def median(i, period):
            return sorted(closes[i - period + 1:i + 1])[period // 2]
        for i in range(BARS):
            wanted.append(int(i >= 14 and median(i, 5) > median(i, 15)))
        result = self.orders(own, "example.cross", "fast: 5, slow: 15")
        self.assertGreater(result["orders"], 50)
        self.assertEqual(result["orders"], self.expected(wanted))

    def test_the_three_builds_trade_alike(self):
        """So that a swap among them changes nothing but the code."""
        results = [self.orders(own, "example.cross", "fast: 5, slow: 20, size: 10")
                   for own in SWAP]
        for name in ("orders", "fills", "end_equity", "max_drawdown_pct"):
            self.assertEqual(len({result[name] for result in results}), 1, name)
        self.assertGreater(results[0]["orders"], 50)


class Sources(unittest.TestCase):
    def test_rust_declares_what_the_headers_do(self):
        """The sizes that turret.rs asserts are those that the headers assert."""
        with open(os.path.join(SOURCE, "plugins", "examples", "rust", "turret.rs"),
                  encoding="utf-8") as file:
            rust = dict(re.findall(r"assert!\(size_of::<(\w+)>\(\) == (\d+)\)", file.read()))
        headers = {}
        for path in glob.glob(os.path.join(SOURCE, "plugin-api", "include", "turret", "*.h")):
            with open(path, encoding="utf-8") as file:
                for name, size in re.findall(r"sizeof\(struct turret_(\w+)\) == (\d+)",
                                             file.read()):
                    headers[name.replace("_", "")] = size
        self.assertGreater(len(rust), 8)
        for name, size in rust.items():
            if name != "ElfNote":
                self.assertEqual(headers.get(name.lower()), size, name)


if __name__ == "__main__":
    unittest.main()
