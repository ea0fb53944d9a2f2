# SPDX-License-Identifier: Apache-2.0
"""A daemon under test: its own folder, a configuration, its standard error read with time-outs."""
import json
import os
import pwd
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

TURRET = os.environ.get("TURRET", "turret")
ORACLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "oracle", "oracle.py")
BUILD = os.environ.get("TURRET_BUILD", ".")
PLUGINS = os.environ.get("TURRET_PLUGINS", os.path.join(BUILD, "plugins"))
DONE, FAILED, USAGE, INVALID, UNREACHABLE, REFUSED, PARTLY, UNREADABLE = range(8)


def person():
    """The one form of this user's name in the records."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name[:15]
    except KeyError:
        return f"uid {os.getuid()}"


def whole_lines(path):
    """
    A log that is being written, as the words of its lines but one that is not whole yet. Read at
    once: a reader of lines takes the rest of that one for another line.
    """
    with open(path, encoding="utf-8") as log:
        return [line.split() for line in log.read().split("\n")[:-1]]


class Daemon:
    """`turret run`, or another program, in the background; what it says is kept in .said."""

    def __init__(self, folder, config="turret.yaml", arguments=(), env=None, program=None, **more):
        self.said, self.rest = [], b""
        self.process = subprocess.Popen(
            program or ["turret-daemon", "run", config, *arguments],  # so that a plugin can tell
            executable=None if program else TURRET, cwd=folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env, **more)

    def line(self, timeout=20.0):
        """The next line, or None when it ended or said nothing for so long."""
        while b"\n" not in self.rest:
            if not select.select([self.process.stderr], [], [], timeout)[0]:
                return None
            got = os.read(self.process.stderr.fileno(), 65536)
            if not got:
                return None
            self.rest += got
        line, self.rest = self.rest.split(b"\n", 1)
        self.said.append(line.decode(errors="replace"))
        return self.said[-1]

    def until(self, phrase, timeout=20.0):
        """Reads on until a line holds `phrase`; answers it, or None: `timeout` without a line, or
        too many other ones."""
        for _ in range(20000):
            line = self.line(timeout)
            if line is None or phrase in line:
                return line
        return None

    def drain(self, timeout=0.0):
        """Takes what was said so far, so that the pipe never fills; waits at most `timeout`."""
        if select.select([self.process.stderr], [], [], timeout)[0]:
            self.rest += os.read(self.process.stderr.fileno(), 65536)
        *lines, self.rest = self.rest.split(b"\n")
        self.said += [line.decode(errors="replace") for line in lines]

    def drain_for(self, seconds):
        """Takes what is said in so many seconds."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and self.process.poll() is None:
            self.drain(left)

    def kill(self, number=signal.SIGKILL):
        if self.process.poll() is None:
            self.process.send_signal(number)

    def end(self, number=None, timeout=60):
        """Sends the signal, reads the rest, answers the exit code."""
        if number is not None:
            self.kill(number)
        while self.line(timeout) is not None:
            pass
        self.process.stderr.close()
        return self.process.wait(timeout)


class Case(unittest.TestCase):
    maxDiff = 2000

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="turret-fault-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.daemons = []
        self.addCleanup(self.end_all)

    def end_all(self):
        for daemon in self.daemons:
            if daemon.process.poll() is None:
                daemon.process.kill()
                daemon.process.wait()
            if not daemon.process.stderr.closed:
                daemon.process.stderr.close()

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        """Puts the file in place in one step, as editors do."""
        with open(self.path(name + ".new"), "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(self.path(name + ".new"), self.path(name))
        return self.path(name)

    def start(self, config="turret.yaml", arguments=(), ready=True, **more):
        daemon = Daemon(self.folder, config, arguments, **more)
        self.daemons.append(daemon)
        if ready and daemon.until("running ") is None:
            self.fail("the daemon did not start: " + "\n".join(daemon.said))
        return daemon

    def turret(self, *arguments, folder=None):
        return subprocess.run([TURRET, *arguments], capture_output=True, text=True,
                              cwd=folder or self.folder, check=False, timeout=300)

    def ok(self, *arguments):
        done = self.turret(*arguments)
        self.assertEqual(done.returncode, DONE, " ".join(arguments) + ": " + done.stderr)
        return done.stdout

    def json(self, *arguments):
        return json.loads(self.ok("--json", *arguments))

    def replays_equal(self, store):
        """The journal is whole, and the core does it all again with the same result."""
        self.assertTrue(self.json("journal", "verify", "--store", store)["good"])
        done = self.turret("--json", "replay", "--store", store)
        self.assertEqual(done.returncode, DONE, done.stdout + done.stderr)
        result = json.loads(done.stdout)
        self.assertEqual((result["intent_mismatches"], result["report_mismatches"]), (0, 0))
        return result

    def oracle(self, log, store, settled=False):
        """The venue's log and the store of an ended daemon agree; answers the counts."""
        done = subprocess.run([sys.executable, ORACLE, log, self.path(store),
                               *(["--settled"] if settled else [])],
                              capture_output=True, text=True, check=False, timeout=300)
        self.assertEqual(done.returncode, 0, done.stdout[-4000:] + done.stderr)
        return json.loads(done.stdout.splitlines()[-1])
