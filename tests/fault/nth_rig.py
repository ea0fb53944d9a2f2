# SPDX-License-Identifier: Apache-2.0
"""Runs a scenario with its n-th call of one kind failing, and judges what became of it."""
import errno
import glob
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import threading

from fault_rig import BUILD, DONE, FAILED, INVALID

LIBRARY = os.path.join(BUILD, "tests", "nth.so")
SERVER = os.path.join(BUILD, "tests", "nth_server")
# kind, what its calls answer
FAILURES = (("memory", errno.ENOMEM), ("write", errno.EIO), ("write", errno.ENOSPC),
            ("sync", errno.EIO), ("open", errno.EMFILE), ("open", errno.EACCES))
NEEDED = ("sim", "ma_cross", "accumulate", "sma")
LIBRARY_CRASH = 86  # what nth.c makes of one in a library that is known for it
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
{strategies}
risk: {{preset: development{limits}}}
"""
CROSS = "  cross: {plugin: ma_cross, on: AAA.sim@1m, params: {fast: 2, slow: 4, size: 100, short: true}}"
BUYER = "  buyer: {plugin: accumulate, on: AAA.sim@1m, params: {qty: 1, orders: 50}}"


class Harm(AssertionError):
    """Something that must never happen."""


class Done:
    """How a run ended: its exit code, or minus the signal; how many calls of the kind it made."""

    def __init__(self, folder, answer):
        how, number, calls = answer.split()
        self.code = int(number) if how == "exit" else -int(number)
        self.calls = int(calls)
        self.out, self.said = (self.read(folder, name) for name in ("out", "said"))

    @staticmethod
    def read(folder, name):
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            return file.read()


class Server:
    """nth_server.c: `turret` with everything loaded, a fork for each run."""

    def __init__(self, folder):
        self.folder = folder
        self.process = subprocess.Popen([SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def run(self, *arguments, failure=("none", 0), at=0, sticky=False):
        self.process.stdin.write(" ".join((self.folder, failure[0], str(at), str(int(sticky)),
                                           str(failure[1]), *arguments)) + "\n")
        self.process.stdin.flush()
        return Done(self.folder, self.process.stdout.readline())

    def good(self, *arguments):
        done = self.run(*arguments)
        if done.code != DONE:
            raise Harm(f"{' '.join(arguments)}: {done.code}: {done.out}{done.said}")
        return done.out

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def built(name):
    """The file of a plugin of the build: the host's, an example, one of the tests."""
    for pattern in (f"plugins/{name}.so", f"venue-plugins/test_{name}.so", f"examples/**/{name}.so"):
        for path in glob.glob(os.path.join(BUILD, pattern), recursive=True):
            return path
    raise FileNotFoundError(f"no plugin {name} in {BUILD}")


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def config(mode, plugins, market, strategies=CROSS + "\n" + BUYER, limits=""):
    return CONFIG.format(mode=mode, plugins=plugins, market=market, strategies=strategies,
                         limits=limits)


def configure(server, *what):
    with open(os.path.join(server.folder, "turret.yaml"), "w", encoding="ascii") as file:
        file.write(config(*what))


class Session:
    """A start, a paper session over a finite market, the end. Judged: nothing is lost."""
    name = "session"
    needed = NEEDED  # plugins
    codes = (DONE, FAILED, INVALID)  # it may exit with
    command = ("run", "turret.yaml")

    def prepare(self, server, bars, plugins):
        configure(server, "paper", plugins, f"market: synthetic, pace_ms: 0, bars: {bars}")

    def fills(self, server):
        return [[row[name] for name in ("symbol", "side", "qty", "price", "fee", "time")] for row
                in json.loads(server.good("--json", "fills", "--all", "--store", "store"))]

    def outcome(self, server):
        return digest(json.dumps(self.fills(server)))

    def judge(self, server, done, expected):
        if done.code == DONE and self.outcome(server) != expected:
            raise Harm("it ended well with other fills than without a failure")
        if not os.path.exists(os.path.join(server.folder, "store", "data.mdb")):
            return
        before = server.run("--json", "fills", "--all", "--store", "store")
        before = len(json.loads(before.out)) if before.code == DONE else 0
        server.good(*self.command)
        verified = server.good("--json", "journal", "verify", "--store", "store")
        if not json.loads(verified)["good"]:
            raise Harm("the journal is not whole")
        server.good("replay", "--store", "store")
        if self.outcome(server) != expected or before > len(self.fills(server)):
            raise Harm("the next start led to other fills than without a failure")


class Imported:
    """What two scenarios begin with: a file of made-up bars."""

    def write_bars(self, server, bars):
        with open(os.path.join(server.folder, "bars.csv"), "w", encoding="ascii") as file:
            file.write("time,open,high,low,close,volume\n")
            for i in range(20 * bars):
                price = 10000 + (i * 7919) % 301
                file.write(f"{1704067200 + 60 * i},{price / 100:.2f},{price / 100 + 1:.2f},"
                           f"{price / 100 - 1:.2f},{price / 100:.2f},{i % 97 + 1}\n")

    take_in = ("data", "import", "--store", "store", "--series", "AAA", "--timeframe", "1m",
               "--time-format", "epoch_s", "bars.csv")


class Import(Imported):
    """An import into an empty store, then the check of what is stored."""
    name = "import"
    needed, codes = NEEDED, (DONE, FAILED, INVALID)
    command = Imported.take_in

    def prepare(self, server, bars, _plugins):
        self.write_bars(server, bars)

    def outcome(self, server):
        server.good("data", "verify", "--store", "store")
        return digest(server.good("data", "export", "--store", "store", "AAA"))

    def judge(self, server, done, expected):
        if done.code != DONE:
            server.good(*self.command)
        if self.outcome(server) != expected:
            raise Harm("what is stored differs from the file")


class Backtest(Imported):
    """A backtest over stored bars: the same report, or none."""
    name = "backtest"
    needed, codes = NEEDED, (DONE, FAILED, INVALID)
    command = ("--json", "backtest", "turret.yaml", "--fills", "fills.csv")

    def prepare(self, server, bars, plugins):
        self.write_bars(server, bars)
        server.good(*self.take_in)
        configure(server, "backtest", plugins, "")

    def outcome(self, server):
        return digest(Done.read(server.folder, "fills.csv"))

    def judge(self, server, done, expected):
        if done.code == DONE and self.outcome(server) != expected:
            raise Harm("it ended well with other fills than without a failure")
        server.good(*self.command)
        if self.outcome(server) != expected:
            raise Harm("the next run has other fills")


SCENARIOS = {each.name: each for each in (Session, Backtest, Import)}


class Sweep:
    """One scenario, each of its calls failing; what runs leave is judged once for equal bytes."""

    def __init__(self, scenario, folder, bars=40, plugins=None):
        self.scenario, self.folder, name = scenario(), folder, scenario.name
        self.template = os.path.join(folder, name)
        os.makedirs(self.template)
        if plugins is None:
            plugins = os.path.join(folder, name + ".plugins")
            os.makedirs(plugins)
            for each in self.scenario.needed:
                shutil.copy(built(each), plugins)
        self.lock, self.judged, self.harms = threading.Lock(), set(), []
        self.runs = self.ended = self.known = 0
        server = Server(self.template)
        try:
            self.scenario.prepare(server, bars, plugins)
            server.folder = self.template + ".calm"
            self.expected = self.calm(server)
            if self.calm(server) != self.expected:
                raise Harm(f"{name}: two calm runs differ")
        finally:
            server.close()

    def calm(self, server):
        self.fresh(server.folder)
        server.good(*self.scenario.command)
        return self.scenario.outcome(server)

    def fresh(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.template, folder)

    @staticmethod
    def bytes_of(folder):
        """Every file but the output, and the lock, which holds process numbers."""
        whole = hashlib.sha256()
        for where, folders, files in os.walk(folder):
            folders.sort()
            for name in sorted(files):
                path = os.path.join(where, name)
                if name not in ("out", "said", "lock.mdb") and os.path.isfile(path):
                    with open(path, "rb") as file:
                        content = file.read()
                    whole.update(f"{os.path.relpath(path, folder)} {len(content)}\n".encode() + content)
        return whole.digest()

    def fail(self, server, failure, at, sticky):
        """One run. Answers whether there was such a call."""
        self.fresh(server.folder)
        done = server.run(*self.scenario.command, failure=failure, at=at, sticky=sticky)
        if done.calls < at:
            return False
        last = (done.said.strip() or done.out.strip()).split("\n")[-1]
        state = (done.code == DONE, self.bytes_of(server.folder),
                 done.code == DONE and done.out)
        with self.lock:
            self.runs += 1
            self.ended += done.code != DONE
            self.known += done.code == LIBRARY_CRASH
            judged = state in self.judged
        try:
            if done.code == LIBRARY_CRASH:
                last = "a crash in a library that is known for it"
            elif done.code not in self.scenario.codes:
                raise Harm("it crashed")
            if done.code != DONE and len(last) < 12:
                raise Harm("no message")
            if not judged:
                self.scenario.judge(server, done, self.expected)
                with self.lock:
                    self.judged.add(state)
        except Harm as harm:
            with self.lock:
                self.harms.append(f"{self.scenario.name}: {failure[0]} {at} of errno {failure[1]}"
                                  f"{', sticky' if sticky else ''}: {harm}\n  "
                                  f"exit {done.code}, said: {last[-300:]}")
        return True

    def work(self, number, failure, stickies, sites):
        server = Server(f"{self.template}.run{number}")
        try:
            while True:
                with self.lock:
                    at = next(sites, None)
                if at is None or not all([self.fail(server, failure, at, sticky) for sticky in stickies]):
                    return
        finally:
            server.close()

    def all(self, failure, stickies, sites):
        """Every call of this kind, from the first of `sites` to the last there is."""
        workers = [threading.Thread(target=self.work, args=(number, failure, stickies, sites))
                   for number in range(os.cpu_count() or 1)]
        for each in workers:
            each.start()
        for each in workers:
            each.join()

    def totals(self):
        return (f"{self.scenario.name}: {self.runs} failures, {self.ended} ended the run, "
                f"{self.known} in libraries that are known for it, "
                f"{len(self.judged)} states judged, {len(self.harms)} did harm")


def folder():
    """In memory where there is such a place: syncs are counted here, not waited for."""
    memory = "/dev/shm"
    return tempfile.mkdtemp(prefix="turret-nth-",
                            dir=memory if os.access(memory, os.W_OK) else None)
