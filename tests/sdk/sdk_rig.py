# SPDX-License-Identifier: Apache-2.0
"""A stranger's view: an installed prefix of this build in a temporary place, a shell whose PATH
finds its turret, and nothing in the environment that points into the tree."""
import json
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import unittest

BUILD = os.environ["TURRET_BUILD"]
SOURCE = os.environ["TURRET_SOURCE"]
LOOKS = 600  # at a running session, a twentieth of a second each, before giving up


def installed(where):
    """Installs the build below `where`, then moves it: it has to work wherever it lies."""
    first, prefix = os.path.join(where, "first"), os.path.join(where, "prefix")
    subprocess.run(["cmake", "--install", BUILD, "--prefix", first], check=True,
                   stdout=subprocess.DEVNULL)
    os.rename(first, prefix)
    return prefix


def outside(prefix, folder):
    """The environment of somebody who knows only that `prefix`/bin is in PATH."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("TURRET")}
    env.update(PATH=os.path.join(prefix, "bin") + ":/usr/local/bin:/usr/bin:/bin", TMPDIR=folder,
               HOME=folder, PKG_CONFIG_PATH=os.path.join(prefix, "lib", "pkgconfig"), TERM="dumb")
    return env


class Case(unittest.TestCase):
    """Each class has a prefix of its own, each test a folder."""
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.mkdtemp(prefix="turret-sdk-")
        cls.addClassCleanup(shutil.rmtree, cls.place)
        cls.prefix = installed(cls.place)

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="turret-sdk-test-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.env = outside(self.prefix, self.folder)

    def sh(self, line, folder="", code=0):
        """Runs a line as a person would type it; answers (standard output, standard error)."""
        done = subprocess.run(["sh", "-ec", line], cwd=os.path.join(self.folder, folder),
                              env=self.env, capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL, timeout=300)
        self.assertEqual(done.returncode, code, f"{line}\n{done.stdout}\n{done.stderr}")
        return done.stdout, done.stderr

    def trades(self, folder, command=("turret", "paper", "."), before=0):
        """Runs a session until its store has more fills than `before`, ends it like Ctrl-C."""
        place = os.path.join(self.folder, folder)
        session = subprocess.Popen(command, cwd=place, env=self.env, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said, fills = b"", []
        for _ in range(LOOKS):
            if select.select([session.stdout], [], [], 0.05)[0]:
                got = os.read(session.stdout.fileno(), 65536)
                said += got
                if not got:
                    break
            shown = subprocess.run(["turret", "fills", "--all", "--json"], cwd=place, env=self.env,
                                   capture_output=True, text=True, check=False)
            fills = json.loads(shown.stdout) if shown.returncode == 0 else []
            if len(fills) > before:
                break
        if session.poll() is None:
            session.send_signal(signal.SIGINT)
        said += session.communicate(timeout=60)[0]
        self.assertGreater(len(fills), before, said.decode())
        self.assertEqual(session.returncode, 0, said.decode())
        return fills

    def passed(self, folder):
        """Runs ctest there, where nothing may fail or be skipped; names of what passed."""
        out = self.sh("ctest --test-dir build --no-tests=error", folder)[0]
        self.assertNotIn("Skipped", out)
        return re.findall(r"Test +#\d+: (\S+) \.+ +Passed", out)
