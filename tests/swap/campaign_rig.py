# SPDX-License-Identifier: Apache-2.0
"""
What the tests of changing code share: generated builds of the chain strategy, its indicator, the
simulated venue and the fake venue's adapter; a session that runs all four under load; the checks
at its end.
"""
import glob
import hashlib
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.environ.get("TURRET_SOURCE", os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(SOURCE, "tests", "fault"))
# pylint: disable=wrong-import-position
from fault_rig import BUILD, Daemon, PLUGINS, TURRET  # noqa: E402

CHAINS = (("chain-a", 1), ("chain-b", 2), ("chain-c", 3))  # and the ids of their instruments
KINDS = ("strategy", "indicator", "broker")
MARKETS = ("fake", "sim")
FILES = {"strategy": "chain.so", "indicator": "tally.so", "broker": "broker.so"}
SAYS = {"strategy": re.compile(r"turret: strategy (\S+) is now "),
        "indicator": re.compile(r"turret: indicators of test.tally are now "),
        "broker": re.compile(r"turret: venue market is now ")}
OUTCOMES = (" is now ", " are now ", " runs already", " stays at ", " is back at ", "not loaded",
            " is blocked", "its trial")
EXPECTED = {"strategy": len(CHAINS), "indicator": 1, "broker": 1}
CHAIN_SAYS = re.compile(r"log: (\S+): chain (\d+) ([0-9a-f]{16}) bars (\d+) fills (\d+) "
                        r"sent (\d+) ended (\d+) wrong (\d+) build (\d+)")
CONFIG = """
turret: 1
mode: paper
store: store
plugins:
  - path: plugins
venues:
  market:
    adapter: {adapter}
    cash: {{USD: 100000000}}
    seed: {seed}
    params: {{{params}}}
instruments:
  AAA.market: {{tick: 0.01, lot: 1, currency: USD}}
  BBB.market: {{tick: 0.01, lot: 1, currency: USD}}
  CCC.market: {{tick: 0.01, lot: 1, currency: USD}}
strategies:
  chain-a: {{plugin: test.chain, on: AAA.market@1s, params: {{every: 2}}}}
  chain-b: {{plugin: test.chain, on: BBB.market@1s, params: {{every: 3}}}}
  chain-c: {{plugin: test.chain, on: CCC.market@1s, params: {{every: 1}}}}
risk: {{preset: development}}
swap: {{probation: {probation}, shadow: {shadow}, divergence: 40000,
       deadline: 10s}}
"""


class VenueLog:
    """What the venue's log says."""

    def __init__(self, path):
        self.orders, self.fills, self.cancels, self.rejects = {}, {}, set(), {}
        self.duplicates = []
        with open(path, encoding="ascii") as log:
            for line in log:
                word = line.split()
                if word[0] == "ORDER":
                    self.orders[word[1]] = word[2:]
                elif word[0] == "FILL":
                    self.fills[word[1]] = word[2:]
                elif word[0] == "CANCEL":
                    self.cancels.add(word[1])
                elif word[0] == "REJECT":
                    self.rejects[word[1]] = word[2]
                else:
                    self.duplicates.append(line)

    def filled(self):
        total = {}
        for client_id, _, _, qty, *_ in self.fills.values():
            total[client_id] = total.get(client_id, 0) + int(qty)
        return total


class Builds:
    """Compiles builds into a folder of the test's own; each only once."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)

    def compile(self, sources, output, defines=(), build_id=None):
        path = os.path.join(self.folder, output)
        if os.path.exists(path):
            return path
        version_script = os.path.join(SOURCE, "plugin-api", "sdk", "plugin.map")
        command = [os.environ.get("CC", "cc"), "-std=c11", "-O1", "-fPIC", "-shared", "-s",
                   "-D_GNU_SOURCE", "-fvisibility=hidden", "-I",
                   os.path.join(SOURCE, "plugin-api", "include"),
                   "-Wl,--version-script=" + version_script, "-Wl,-z,defs", "-Wl,-z,now",
                   "-Wl,-Bsymbolic",
                   "-Wl,--build-id" + (f"=0x{build_id}" if build_id else "=sha1"),
                   *["-D" + define for define in defines], *sources, "-lm", "-o", path + ".new"]
        subprocess.run(command, check=True)
        os.replace(path + ".new", path)
        return path

    def make(self, kind, number, *defines):
        """
        Build `number` of a kind (a market's broker: by its name), with more -D for those that are
        not what they should be.
        """
        name = "-".join([kind, str(number), *[d.replace("=", "") for d in defines]]) + ".so"
        if kind in ("strategy", "indicator"):
            source = os.path.join(HERE, "chain.c" if kind == "strategy" else "tally.c")
            return self.compile([source], name, [f"BUILD={number}", *defines])
        build_id = hashlib.sha1(name.encode()).hexdigest()
        where = "tests/venue/adapter*.c" if kind == "fake" else "adapters/sim/*.c"
        sources = sorted(glob.glob(os.path.join(SOURCE, where)))
        return self.compile(sources, name, defines, build_id)


class Session:
    """A folder with plugins, and a daemon that trades at the fake venue or the simulated one."""

    def __init__(self, folder, builds, market="fake", seed=1, probation=20, pace_ms=1, shadow=0):
        self.folder, self.builds, self.market = folder, builds, market
        self.said, self.swapped = [], dict.fromkeys(KINDS, 0)
        self.chains, self.lines, self.refused, self.daemon = {}, [], [], None
        os.makedirs(os.path.join(folder, "plugins"))
        for kind in KINDS:
            self.put(kind, self.make(kind, 1))
        with open(os.path.join(folder, "turret.yaml"), "w", encoding="utf-8") as file:
            file.write(CONFIG.format(
                adapter="test.venue" if market == "fake" else "sim", seed=seed,
                params=f'socket: "{os.path.join(folder, "s")}"' if market == "fake" else
                "market: synthetic, bar_seconds: 1, commission_per_unit: 0.005, "
                f"pace_ms: {pace_ms}", probation=probation, shadow=shadow))
        self.log, self.venue = os.path.join(folder, "venue.log"), None
        if market == "fake":
            self.start_venue(seed, pace_ms)

    def start_venue(self, seed, pace_ms):
        socket = os.path.join(self.folder, "s")
        self.venue = subprocess.Popen([os.path.join(BUILD, "tests", "fake_venue"), socket, self.log,
                                       str(seed), str(pace_ms), "100000000", "100000"])
        for _ in range(4000):
            if os.path.exists(socket):
                return
            select.select([], [], [], 0.002)
        raise AssertionError("the venue did not start")

    def make(self, kind, number, *defines):
        return self.builds.make(self.market if kind == "broker" else kind, number, *defines)

    def put(self, kind, build):
        """Drops a build into the plugin directory in one step, as an installer does."""
        target = os.path.join(self.folder, "plugins", FILES[kind])
        shutil.copy(build, target + ".new")
        os.replace(target + ".new", target)

    def start(self):
        self.daemon = Daemon(self.folder)
        return self.until(lambda line: "running turret.yaml" in line)

    def start_to_die(self, step, count):
        """The same session, which ends by SIGKILL at the count-th time of this step."""
        self.daemon = Daemon(self.folder, program=[
            os.path.join(BUILD, "tests", "swap_kill"), "turret.yaml", TURRET, step, str(count)])
        return self.until(lambda line: "running turret.yaml" in line)

    def take(self, line):
        """Keeps what a line of the daemon tells."""
        heard = CHAIN_SAYS.search(line)
        if not heard:
            self.lines.append(line)
            del self.lines[:-200]
        if heard:
            self.chains[heard[1]] = tuple(int(n) for n in heard.groups()[3:])
            self.said.append(f"{heard[1]} {heard[2]} {heard[3]}")
        for kind, says in SAYS.items():
            if says.search(line):
                self.swapped[kind] += 1
        if " stays at " in line or " is back at " in line or "not loaded" in line or \
                "its trial" in line:
            self.refused.append(line)

    def until(self, satisfied, timeout=60.0, lines=20000):
        """Reads so many lines at most until one satisfies; answers it, or None when none did."""
        for _ in range(lines):
            line = self.daemon.line(timeout)
            if line is None:
                return None
            self.take(line)
            if satisfied(line):
                return line
        return None

    def swap(self, *wanted):
        """Drops builds, each (kind, path), at once; waits for all. False: something did not move."""
        before = dict(self.swapped)
        for kind, build in wanted:
            self.put(kind, build)

        def moved(_line):
            return all(self.swapped[kind] >= before[kind] + EXPECTED[kind] for kind, _ in wanted)
        refused = len(self.refused)
        return self.until(lambda line: moved(line) or len(self.refused) > refused) is not None and \
            len(self.refused) == refused

    def drop(self, kind, build, timeout=5.0):
        """Drops a build; waits for the first word about any. Answers it."""
        self.put(kind, build)
        return self.until(lambda line: any(word in line for word in OUTCOMES), timeout, 600)

    def turret(self, *arguments):
        return subprocess.run([TURRET, "--json", *arguments, "--store", "store"],
                              capture_output=True, text=True, cwd=self.folder, check=False,
                              timeout=600)

    def json(self, *arguments):
        done = self.turret(*arguments)
        if done.returncode != 0:
            raise AssertionError(" ".join(arguments) + ": " + done.stdout + done.stderr)
        return json.loads(done.stdout)

    def footprint(self):
        """
        Mappings, descriptors, and kB of memory the daemon asked for. What is resident of it says
        less: batches are reserved at the start and touched as far as a busy turn needs.
        """
        proc = f"/proc/{self.daemon.process.pid}/"
        with open(proc + "maps", encoding="ascii", errors="replace") as file:
            maps = sum(1 for _ in file)
        with open(proc + "status", encoding="ascii") as file:
            resident = int(re.search(r"VmData:\s+(\d+)", file.read())[1])
        return maps, len(os.listdir(proc + "fd")), resident

    def settle(self):
        """A build that only cancels, until nothing works any more. Answers what is left working."""
        if not self.swap(("strategy", self.make("strategy", 9, "QUIET=1"))):
            return -1
        for _ in range(400):
            working = self.json("status")["working_orders"]
            if working == 0:
                break
            self.until(lambda line: CHAIN_SAYS.search(line) is not None, 5)
        while (line := self.daemon.line(0)) is not None:  # said before that
            self.take(line)
        seen = set()  # one more line of each, so that it has heard of every end

        def all_said(line):
            heard = CHAIN_SAYS.search(line)
            if heard:
                seen.add(heard[1])
            return len(seen) == len(CHAINS)
        self.until(all_said)
        return working

    def end(self, number=signal.SIGTERM):
        """Ends the daemon and takes the rest of what it said. Answers its exit code."""
        self.daemon.kill(number)
        while True:
            line = self.daemon.line(60)
            if line is None:
                break
            self.take(line)
        self.daemon.process.stderr.close()
        return self.daemon.process.wait(60)

    def close(self):
        if self.daemon and self.daemon.process.poll() is None:
            self.daemon.process.kill()
            self.daemon.process.wait()
        if self.venue:
            self.venue.kill()
            self.venue.wait()

    # ---- what must hold at the end ----

    def audit(self, died=False):
        """
        Chains against the journal, rows against the journal. Answers (counts, complaints). After a
        kill, what was said of events that did not become durable is forgotten.
        """
        done = subprocess.run(
            [os.path.join(BUILD, "tests", "swap_audit"), *(["--died"] if died else []), os.path.join(self.folder, "store"),
             *[f"{name}={instrument}" for name, instrument in CHAINS]],
            input="\n".join(self.said) + "\n", capture_output=True, text=True, check=False)
        counts = json.loads(done.stdout) if done.stdout else {"mismatches": 1}
        if died and done.stdout:
            self.said = [line for line in self.said
                         if int(line.split()[1]) <= counts[line.split()[0]]]
        return counts, [line for line in done.stderr.splitlines() if line]

    def against_venue(self):
        """The venue's log against orders and fills here, one to one. Answers complaints."""
        oracle, found = VenueLog(self.log), []
        orders = {str(row["id"]): row for row in self.json("orders", "--all")}
        fills = {row["execution_id"]: row for row in self.json("fills", "--all")}
        filled = oracle.filled()
        found += [f"sent twice: {line}" for line in oracle.duplicates]
        found += [f"unknown here: {client_id}" for client_id in oracle.orders
                  if client_id not in orders]
        found += [f"unknown there: {row}" for client_id, row in orders.items()
                  if client_id not in oracle.orders and row["state"] not in ("DENIED", "REJECTED")]
        for client_id, words in oracle.orders.items():
            row = orders.get(client_id)
            if row and (row["symbol"], row["side"], row["qty"], int(row["filled_qty"])) != (
                    words[1], "buy" if words[2] == "B" else "sell", words[4],
                    filled.get(client_id, 0)):
                found.append(f"differs: {words} {row}")
        found += [f"fill only on one side: {execution}"
                  for execution in set(oracle.fills) ^ set(fills)]
        for execution, words in oracle.fills.items():
            row = fills.get(execution)
            if row and (str(row["order_id"]), row["symbol"], int(row["qty"])) != (
                    words[0], words[1], int(words[3])):
                found.append(f"differs: {words} {row}")
        return len(orders), len(fills), found

    def replay(self):
        """The journal is whole, and the core does it all again with the same bytes."""
        verified, found = self.turret("journal", "verify"), []
        if verified.returncode != 0:
            found.append(verified.stdout + verified.stderr)
        done = self.turret("replay")
        if done.returncode != 0:
            found.append(done.stdout + done.stderr)
        else:
            result = json.loads(done.stdout)
            if result["intent_mismatches"] or result["report_mismatches"]:
                found.append(done.stdout)
        return found
