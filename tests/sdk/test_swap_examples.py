# SPDX-License-Identifier: Apache-2.0
"""Shows the examples and the template being swapped while they trade, as their authors would do it:
version 1, 2, 3 of one plugin and back to 1; C, C++ and Rust edited, rebuilt and taken over without
a restart. After each swap orders go on, and in the end the journal is whole. Rust: only where rustc
is; the test says so."""
import os
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fault"))
# pylint: disable=wrong-import-position
from fault_rig import Daemon  # noqa: E402
import sdk_rig  # noqa: E402

EXAMPLES = os.path.join(sdk_rig.SOURCE, "plugins", "examples")
BUILT = os.path.join(sdk_rig.BUILD, "examples")
CMAKE = """
cmake_minimum_required(VERSION 3.25)
project(it LANGUAGES C CXX)
set(CMAKE_CXX_STANDARD 17)
find_package(turret 0.1 REQUIRED)
turret_add_plugin(it %s)
"""


class Swaps(sdk_rig.Case):
    def setUp(self):
        super().setUp()
        self.place = os.path.join(self.folder, "it")
        os.mkdir(self.place)

    def configure(self, plugin, params):
        """The template's configuration with another plugin in it."""
        template = os.path.join(self.prefix, "share/turret/templates/strategy/turret.yaml")
        with open(template, encoding="utf-8") as file:
            text = file.read().replace("@NAME@", "it").replace("@ID@", plugin)
        self.write("turret.yaml", re.sub(r"params: \{fast.*\}", f"params: {{{params}}}", text))
        os.makedirs(os.path.join(self.place, "build"), exist_ok=True)

    def write(self, name, text):
        with open(os.path.join(self.place, name), "w", encoding="utf-8") as file:
            file.write(text)

    def put(self, path):
        """As an installer does: under another name, then renamed."""
        shutil.copy(path, os.path.join(self.place, "build", "new"))
        os.replace(os.path.join(self.place, "build", "new"),
                   os.path.join(self.place, "build", "it.so"))

    def start(self):
        daemon = Daemon(self.place, env=dict(self.env, TURRET_PLUGINS=os.path.join(
            self.prefix, "lib/turret/plugins")))
        self.addCleanup(daemon.process.wait)
        self.addCleanup(daemon.kill)
        self.assertIsNotNone(daemon.until("running "), daemon.said)
        return daemon

    def becomes(self, daemon, version, was):
        line = daemon.until(f"strategy it is now {version}")
        self.assertIsNotNone(line, daemon.said)
        self.assertIn(f"was {was}", line)

    def events_pass(self, daemon, more=15):
        """Until the journal is so many records longer."""
        def records():
            status = self.sh("turret status", "it")[0]
            return int(re.search(r"journal (\d+)", status)[1])
        wanted = records() + more
        for _ in range(sdk_rig.LOOKS):
            if records() >= wanted:
                return
            daemon.drain(0.05)
        self.fail(f"the market stands still: {daemon.said}")

    def end(self, daemon):
        self.assertEqual(daemon.end(2), 0, daemon.said)
        said = "\n".join(daemon.said)
        self.assertNotRegex(said, "disabled|refused|rolled back")
        self.sh("turret journal verify", "it")

    def test_three_versions_and_back(self):
        self.configure("example.cross", "fast: 5, slow: 11, size: 10")
        paths = {n: os.path.join(BUILT, "swap", f"v{n}", f"cross_v{n}.so") for n in (1, 2, 3)}
        self.put(paths[1])
        daemon = self.start()
        was = 1
        for version in (2, 3, 1, 3, 2):
            self.events_pass(daemon)
            self.put(paths[version])
            self.becomes(daemon, f"{version}.0.0", f"{was}.0.0")
            was = version
        self.events_pass(daemon)
        self.end(daemon)
        self.assertIn("it", self.sh("turret fills", "it")[0])

    def rebuilt(self, source):
        """A CMake project, edited and built again while it trades."""
        build = "cmake -B build && cmake --build build"
        self.sh(build, "it")
        daemon = self.start()
        was = "1.0.0"
        for version in ("1.1.0", "1.2.0"):
            self.events_pass(daemon)
            self.sh(f"sed -i 's/\"{was}\"/\"{version}\"/' {source} && {build}", "it")
            self.becomes(daemon, version, was)
            was = version
        self.events_pass(daemon)
        self.end(daemon)

    def test_template(self):
        os.rmdir(self.place)
        self.sh("turret new strategy it")
        self.rebuilt("strategy.c")

    def test_cxx(self):
        self.configure("example.breakout", "length: 5, size: 10")
        shutil.copy(os.path.join(EXAMPLES, "cxx", "breakout.cc"), self.place)
        self.write("CMakeLists.txt", CMAKE % "breakout.cc")
        self.rebuilt("breakout.cc")

    def test_rust(self):
        if not shutil.which("rustc"):
            self.skipTest("rustc is not installed")
        self.configure("example.ride", "size: 10")
        for name in ("turret.rs", "ride.rs"):
            shutil.copy(os.path.join(EXAMPLES, "rust", name), self.place)
        shutil.copy(os.path.join(BUILT, "rust", "midpoint.so"), os.path.join(self.place, "build"))
        self.put(os.path.join(BUILT, "rust", "ride.so"))
        daemon = self.start()
        self.events_pass(daemon)
        with open(os.path.join(self.place, "ride.rs"), encoding="utf-8") as file:
            text = file.read().replace('b"1.0.0', 'b"1.1.0')
        self.write("ride.rs", text)
        subprocess.run(["rustc", "--edition", "2021", "--crate-type", "cdylib", "-Copt-level=2",
                        "-Cpanic=abort", "-Clink-arg=-Wl,--build-id=sha1", "-o", "ride.so",
                        "ride.rs"], cwd=self.place, check=True)
        self.put(os.path.join(self.place, "ride.so"))
        self.becomes(daemon, "1.1.0", "1.0.0")
        self.events_pass(daemon)
        self.end(daemon)


if __name__ == "__main__":
    unittest.main()
