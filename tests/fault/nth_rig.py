# SPDX-License-Identifier: Apache-2.0
"""Runs a scenario with its n-th call of one kind failing, and judges what became of it."""
import errno
import hashlib
import json
import os
import shutil
import subprocess
import tempfile

from fault_rig import BUILD, DONE, FAILED, INVALID, PLUGINS, TURRET

LIBRARY = os.path.join(BUILD, "tests", "nth.so")
# kind: what its calls answer, once and sticky
KINDS = {"memory": (errno.ENOMEM,), "write": (errno.EIO, errno.ENOSPC), "sync": (errno.EIO,),
         "open": (errno.EMFILE, errno.EACCES)}
LIBCRYPTO = 86  # what nth.c makes of a crash in there
BARS = 150
CONFIG = """
turret: 1
mode: {mode}
store: store
plugins: [{{path: {plugins}}}]
venues:
  sim: {{adapter: sim, cash: {{USD: 1000000}}, seed: 7, params: {{{market}}}}}
instruments:
  AAA.sim: {{tick: 0.01, lot: 1, currency: USD}}
strategies:
  cross: {{plugin: ma_cross, on: AAA.sim@1m, params: {{fast: 2, slow: 4, size: 100, short: true}}}}
  buyer: {{plugin: accumulate, on: AAA.sim@1m, params: {{qty: 1, orders: 50}}}}
risk: {{preset: development}}
"""


class Harm(AssertionError):
    """Something that must never happen."""


def run(folder, *arguments, env=None):
    return subprocess.run([TURRET, *arguments], cwd=folder, env=env, capture_output=True, text=True,
                          check=False, timeout=120, stdin=subprocess.DEVNULL, errors="replace")


def good(folder, *arguments):
    done = run(folder, *arguments)
    if done.returncode != DONE:
        raise Harm(" ".join(arguments) + ": " + done.stdout + done.stderr)
    return done.stdout


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


class Session:
    """A start, a paper session over a finite market, the end. Judged: nothing is lost."""
    name = "session"

    def prepare(self, folder):
        with open(os.path.join(folder, "turret.yaml"), "w", encoding="ascii") as file:
            file.write(CONFIG.format(mode="paper", plugins=PLUGINS,
                                     market=f"market: synthetic, pace_ms: 0, bars: {BARS}"))

    command = ("run", "turret.yaml")

    def fills(self, folder):
        return [[row[name] for name in ("symbol", "side", "qty", "price", "fee", "time")]
                for row in json.loads(good(folder, "--json", "fills", "--all", "--store", "store"))]

    def outcome(self, folder):
        return digest(json.dumps(self.fills(folder)))

    def judge(self, folder, done, expected):
        if done.returncode == DONE and self.outcome(folder) != expected:
            raise Harm("it ended well with other fills than without a failure")
        if not os.path.exists(os.path.join(folder, "store", "data.mdb")):
            return
        before = run(folder, "--json", "fills", "--all", "--store", "store")
        before = len(json.loads(before.stdout)) if before.returncode == DONE else 0
        good(folder, "run", "turret.yaml")
        if not json.loads(good(folder, "--json", "journal", "verify", "--store", "store"))["good"]:
            raise Harm("the journal is not whole")
        good(folder, "replay", "--store", "store")
        if self.outcome(folder) != expected or before > len(self.fills(folder)):
            raise Harm("the next start led to other fills than without a failure")


class Imported:
    """What two scenarios begin with: a file of made-up bars."""

    def write_bars(self, folder):
        with open(os.path.join(folder, "bars.csv"), "w", encoding="ascii") as file:
            file.write("time,open,high,low,close,volume\n")
            for i in range(2000):
                price = 10000 + (i * 7919) % 301
                file.write(f"{1704067200 + 60 * i},{price / 100:.2f},{price / 100 + 1:.2f},"
                           f"{price / 100 - 1:.2f},{price / 100:.2f},{i % 97 + 1}\n")

    take_in = ("data", "import", "--store", "store", "--series", "AAA", "--timeframe", "1m",
               "--time-format", "epoch_s", "bars.csv")


class Import(Imported):
    """An import into an empty store, then the check of what is stored."""
    name = "import"
    command = Imported.take_in

    def prepare(self, folder):
        self.write_bars(folder)

    def outcome(self, folder):
        good(folder, "data", "verify", "--store", "store")
        return digest(good(folder, "data", "export", "--store", "store", "AAA"))

    def judge(self, folder, done, expected):
        if done.returncode != DONE:
            good(folder, *self.command)
        if self.outcome(folder) != expected:
            raise Harm("what is stored differs from the file")


class Backtest(Imported):
    """A backtest over stored bars: the same report, or none."""
    name = "backtest"
    command = ("--json", "backtest", "turret.yaml", "--fills", "fills.csv")

    def prepare(self, folder):
        self.write_bars(folder)
        good(folder, *self.take_in)
        with open(os.path.join(folder, "turret.yaml"), "w", encoding="ascii") as file:
            file.write(CONFIG.format(mode="backtest", plugins=PLUGINS, market=""))

    def outcome(self, folder):
        with open(os.path.join(folder, "fills.csv"), encoding="ascii") as file:
            return digest(file.read())

    def judge(self, folder, done, expected):
        if done.returncode == DONE and self.outcome(folder) != expected:
            raise Harm("it ended well with other fills than without a failure")
        good(folder, *self.command)
        if self.outcome(folder) != expected:
            raise Harm("the next run has other fills")


SCENARIOS = {each.name: each for each in (Session, Backtest, Import)}


class Bench:
    """One scenario: what it does undisturbed, and how many calls of each kind it makes."""

    def __init__(self, name, folder):
        self.scenario = SCENARIOS[name]()
        self.template, self.folder = os.path.join(folder, name), os.path.join(folder, name + ".run")
        os.makedirs(self.template)
        self.scenario.prepare(self.template)
        self.libcrypto = 0
        self.fresh()
        done = run(self.folder, *self.scenario.command)
        if done.returncode != DONE:
            raise Harm(f"{name}: {done.stderr}")
        self.expected = self.scenario.outcome(self.folder)

    def fresh(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.template, self.folder)

    def environment(self, kind, at, sticky, number):
        return dict(os.environ, LD_PRELOAD=LIBRARY, NTH_KIND=kind, NTH_AT=str(at),
                    NTH_STICKY="1" if sticky else "0", NTH_ERRNO=str(number),
                    NTH_COUNT=os.path.join(self.folder, "nth.count"))

    def count(self, kind):
        self.fresh()
        run(self.folder, *self.scenario.command, env=self.environment(kind, 0, False, 0))
        with open(os.path.join(self.folder, "nth.count"), encoding="ascii") as file:
            return int(file.read())

    def fail(self, kind, at, sticky):
        """One run; raises Harm. Answers whether the failure ended it."""
        number = KINDS[kind][-1 if sticky else 0]
        self.fresh()
        done = run(self.folder, *self.scenario.command,
                   env=self.environment(kind, at, sticky, number))
        said = (done.stderr.strip() or done.stdout.strip()).split("\n")[-1]
        try:
            if done.returncode == LIBCRYPTO:
                self.libcrypto += 1
            elif done.returncode not in (DONE, FAILED, INVALID):
                raise Harm(f"exit {done.returncode}")
            elif done.returncode != DONE and len(said) < 12:
                raise Harm("no message")
            self.scenario.judge(self.folder, done, self.expected)
        except Harm as harm:
            which = f"{self.scenario.name}: {kind} {at}{' sticky' if sticky else ''}"
            raise Harm(f"{which}: {harm}\n  exit {done.returncode}, said: {said[-300:]}") from harm
        return done.returncode != DONE


def folder():
    return tempfile.mkdtemp(prefix="turret-nth-")
