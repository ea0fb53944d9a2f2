# SPDX-License-Identifier: Apache-2.0
"""A daemon whose plugins are exchanged: builds made from tests/swap/plugins by the compiler, a
plugin directory of its own, and waiting for what the control socket says."""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "fault"))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import fault_rig  # pylint: disable=wrong-import-position
from fault_rig import DONE, PLUGINS, TURRET  # pylint: disable=wrong-import-position
from turret_cli import SOURCE  # pylint: disable=wrong-import-position

CONFIG = """turret: 1
mode: paper
store: store
plugins:
  - path: plugins
{policy}
venues:
  sim: {{adapter: sim, cash: {{USD: 100000000}}, seed: 7,
        params: {{market: synthetic, pace_ms: {pace}}}}}
instruments:
  AAA.sim: {{tick: 0.01, lot: 1, currency: USD}}
strategies:
  one: {{plugin: swap.counter, on: AAA.sim@1m, params: {{trouble: true}}, limits: {{max_order_qty: 50}}}}
  two: {{plugin: swap.counter, on: AAA.sim@1m, params: {{mean: true}}, limits: {{max_order_qty: 50}}}}
risk: {{preset: development}}
swap: {{{swap}}}
"""

# name: (source, version, more definitions)
BUILDS = {
    "v1": ("counter", "1.0.0", "-DBUILD_SCHEMA=1"),
    "v2": ("counter", "2.0.0", "-DBUILD_SCHEMA=1 -DBUILD_PEAK"),
    "v3": ("counter", "3.0.0", "-DBUILD_SCHEMA=2 -DBUILD_PEAK -DBUILD_CONVERTS"),
    "v9": ("counter", "9.0.0", "-DBUILD_SCHEMA=9"),
    "converter": ("counter", "3.0.1", "-DBUILD_SCHEMA=2 -DBUILD_CONVERTS -DTROUBLE=1"),
    "dies": ("counter", "3.0.2", "-DBUILD_SCHEMA=2 -DBUILD_CONVERTS -DTROUBLE=10"),
    "refuses": ("counter", "2.0.2", "-DBUILD_SCHEMA=1 -DTROUBLE=2"),
    "wipes": ("counter", "2.0.3", "-DBUILD_SCHEMA=1 -DTROUBLE=3"),
    "nan": ("counter", "2.0.4", "-DBUILD_SCHEMA=1 -DTROUBLE=4"),
    "infinite": ("counter", "2.0.5", "-DBUILD_SCHEMA=1 -DTROUBLE=5"),
    "denied": ("counter", "2.0.6", "-DBUILD_SCHEMA=1 -DTROUBLE=6"),
    "floods": ("counter", "2.0.9", "-DBUILD_SCHEMA=1 -DTROUBLE=11"),
    "diverges": ("counter", "2.0.7", "-DBUILD_SCHEMA=1 -DTROUBLE=7"),
    "crashes": ("counter", "2.0.8", "-DBUILD_SCHEMA=1 -DTROUBLE=8"),
    "old": ("counter", "0.9.0", "-DBUILD_SCHEMA=1"),
    "mean1": ("mean", "1.0.0", ""),
    "mean2": ("mean", "2.0.0", ""),
    "meannan": ("mean", "2.0.1", "-DTROUBLE=1"),
    "meanother": ("mean", "2.0.2", "-DTROUBLE=2"),
    "rule1": ("rule", "1.0.0", "-DEVERY=7"),
    "rule2": ("rule", "2.0.0", "-DEVERY=2"),
    "rule3": ("rule", "3.0.0", ""),  # checks no orders
}
FOLDER = None  # of the builds, made once by the first test


def without_builds(text):
    """"1.0.0 (3f2a91c0)" without the build, which is another on every machine."""
    return re.sub(r" \([0-9a-f]{8}\)", "", text)


def build(name):
    """The path of a build; compiled at its first use."""
    path = os.path.join(FOLDER, name + ".so")
    if not os.path.exists(path):
        source, version, more = BUILDS[name]
        api = os.path.join(SOURCE, "plugin-api")
        subprocess.run([os.environ.get("CC", "cc"), "-std=c11", "-O1", "-shared", "-fPIC", "-Wall",
                        "-Wextra", "-Werror", os.path.join(HERE, "plugins", source + ".c"), "-o",
                        path, "-I", os.path.join(api, "include"), "-Wl,-z,defs", "-Wl,-z,now",
                        "-Wl,--build-id=sha1", "-Wl,-Bsymbolic", "-Wl,--version-script=" +
                        os.path.join(api, "sdk", "plugin.map"), f'-DBUILD_VERSION="{version}"',
                        *more.split()], check=True)
    return path


def sim2(name="sim2", *more, build_id="5111aaaa5111aaaa"):
    """The sim adapter as another build: the same code under another build id."""
    path = os.path.join(FOLDER, name + ".so")
    if not os.path.exists(path):
        api, folder = os.path.join(SOURCE, "plugin-api"), os.path.join(SOURCE, "adapters", "sim")
        subprocess.run([os.environ.get("CC", "cc"), "-std=c11", "-O1", "-shared", "-fPIC",
                        "-D_GNU_SOURCE", *(os.path.join(folder, name) for name in
                                           sorted(os.listdir(folder)) if name.endswith(".c")), *more,
                        "-o", path, "-I", os.path.join(api, "include"), "-lm", "-Wl,-z,now",
                        "-Wl,-Bsymbolic", "-Wl,--build-id=0x" + build_id,
                        "-Wl,--version-script=" + os.path.join(api, "sdk", "plugin.map")],
                       check=True)
    return path


class Case(fault_rig.Case):
    @classmethod
    def setUpClass(cls):
        global FOLDER  # pylint: disable=global-statement
        os.umask(0o022)
        FOLDER = tempfile.mkdtemp(prefix="turret-swap-")
        cls.addClassCleanup(shutil.rmtree, FOLDER, ignore_errors=True)

    def setUp(self):
        super().setUp()
        os.mkdir(self.path("plugins"))
        shutil.copy(os.path.join(PLUGINS, "sim.so"), self.path("plugins"))
        self.place("v1")
        self.place("mean1", "mean.so")
        self.daemon = None
        self.mark = 0

    def place(self, name, to="counter.so"):
        """A build into the plugin directory by copy and rename, as people install files."""
        source = name if os.path.isabs(name) else build(name)
        shutil.copy(source, self.path("plugins/.new"))
        os.replace(self.path("plugins/.new"), self.path("plugins/" + to))

    def says(self, phrase):
        """A line since the last call that holds `phrase`."""
        def found():
            return next((i for i in range(self.mark, len(self.daemon.said))
                         if phrase in self.daemon.said[i]), None)
        self.wait(lambda: found() is not None, f"a line with '{phrase}'")
        self.mark = found() + 1
        return without_builds(self.daemon.said[self.mark - 1])

    def configure(self, swap="probation: 40000", policy="", pace=2):
        self.write("turret.yaml", CONFIG.format(swap=swap, policy=policy, pace=pace))

    def begin(self, *arguments, **more):
        if not os.path.exists(self.path("turret.yaml")):
            self.configure()
        self.daemon = self.start(arguments=arguments, **more)
        self.mark = 0
        return self.daemon

    def end(self):
        self.assertEqual(self.daemon.end(15), DONE)

    # ---- what the daemon says ----

    def ask(self, **request):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(20)
            client.connect(self.path("store/control.sock"))
            client.sendall(json.dumps(request).encode() + b"\n")
            with client.makefile("r", encoding="utf-8") as file:
                return json.loads(file.readline())

    def strategy(self, name="one"):
        return next(one for one in self.ask(command="status")["strategies"] if one["name"] == name)

    def swaps(self):
        return self.ask(command="status")["swaps"]

    def wait(self, true, what):
        """A bounded number of looks; keeps reading what the daemon says meanwhile."""
        for _ in range(1500):
            if true():
                return
            self.daemon.drain(0.01)
        self.fail(f"{what}: {self.ask(command='status')}\n" + "\n".join(self.daemon.said))

    def runs(self, version, name="one"):
        self.wait(lambda: self.strategy(name)["version"] == version, f"{name} runs {version}")

    def trades_on(self, version, *names):
        """Each of them runs this version and has new fills."""
        for name in names or ("one", "two"):
            before = self.strategy(name)
            self.assertEqual((before["version"], before["state"]), (version, "RUNNING"), name)
            self.wait(lambda n=name, b=before: self.strategy(n)["fills"] > b["fills"] + 2,
                      f"{name} trades on")
            self.assertEqual(self.strategy(name)["version"], version)

    def counted(self, name="one"):
        """What a counter says of itself: version, bars, level."""
        self.wait(lambda: " bars " in (self.strategy(name)["score_reason"] or ""), "a score")
        version, _, bars, _, level = self.strategy(name)["score_reason"].split()
        return version, int(bars), int(level)

    # ---- what people do ----

    def plugin(self, *arguments):
        return self.turret("plugin", *arguments, "--store", "store")

    def swap(self, name, *arguments, code=DONE):
        done = self.plugin("swap", build(name) if name in BUILDS else name, *arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return without_builds(done.stdout + done.stderr)

    def history(self, *arguments):
        return self.json("plugin", "history", *arguments, "--store", "store")

    def build_id(self, name):
        done = self.turret("--json", "plugin", "info", build(name))
        return json.loads(done.stdout)[0]["build_id"]

    def verified(self):
        """Ends the daemon; the journal is whole and runs again to the same state."""
        self.end()
        return self.replays_equal("store")
