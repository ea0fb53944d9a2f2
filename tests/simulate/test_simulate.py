# SPDX-License-Identifier: Apache-2.0
"""
Shows that the simulator can be believed: each mistake made on purpose is found within a few seeds,
and its seed shows it again step by step; a seed gives the same digest each time and in each build;
and what goes wrong is told by seed, step and invariant.
"""
import os
import re
import subprocess
import sys
import unittest

BUILD = os.environ["TURRET_BUILD"]
SOURCE = os.environ["TURRET_SOURCE"]
PROGRAM = os.path.join("tests", "simulate", "simulate")
# the mistake, what must be said of it, and the seeds it has to be found in
BUGS = (
    ("FILL_TWICE", "at rest both sides agree on", 5),
    ("FEE_DROPPED", "at rest both sides agree on cash", 5),
    ("FILL_LOST", "at rest both sides agree on", 5),
    ("RESENT", "no order leaves twice", 10),
    ("EARLY", "nothing leaves before it is on the disk", 5),
    ("NOT_SENT", "worst-case exposure is never understated", 5),
    ("DEAF_HALT", "no order after a halt|a replay", 20),
    ("RECORD_LOST", "a replay", 20),
    ("EVENT_TWICE", "every event has one owner", 5),
    ("LATE_CHANGE", "worst-case exposure is never understated", 10),
    ("EXPOSURE", "reserv", 5),
    ("EXIT_GROWS", "no exit closes more than its position", 5),
)


def simulate(*arguments, build=BUILD):
    done = subprocess.run([os.path.join(build, PROGRAM), *map(str, arguments)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=280)
    return done.returncode, done.stdout.decode(errors="replace")


def newest_source():
    """When the youngest file that the simulator is made of was written."""
    times = [os.path.getmtime(os.path.join(SOURCE, "CMakeLists.txt"))]
    for folder in ("host", "plugin-api", "tests/simulate"):
        for where, _, names in os.walk(os.path.join(SOURCE, folder)):
            times += [os.path.getmtime(os.path.join(where, name)) for name in names
                      if name.endswith((".c", ".h", ".def"))]
    return max(times)


class Simulator(unittest.TestCase):
    def test_mistakes_are_found_and_shown_again(self):
        for bug, invariant, seeds in BUGS:
            with self.subTest(bug=bug):
                code, said = simulate(1, seeds, "--bug", bug)
                found = re.search(r"found by seed (\d+): (step \d+, event \d+: .*)", said)
                self.assertTrue(code == 0 and found, said[-400:])
                self.assertRegex(found.group(2), invariant)
                _, trace = simulate(found.group(1), "--bug", bug, "--trace")
                self.assertIn(found.group(2), trace)
                self.assertGreater(trace.count("\n"), 30)

    def test_no_mistake_is_not_found(self):
        code, said = simulate(1, 1, "--bug", "NO_SUCH")
        self.assertEqual((code, said), (2, ""))

    def test_a_seed_gives_the_same_each_time(self):
        code, said = simulate(3000, 4, "--twice", "--quiet")
        self.assertEqual(code, 0, said)

    def test_builds_give_the_same(self):
        """Compared with every build beside this one that is up to date; the rest is not run."""
        others = [os.path.join(os.path.dirname(BUILD), name)
                  for name in ("release", "asan-ubsan", "dev")]
        digests, newest = {}, newest_source()
        for build in {BUILD, *others}:
            program = os.path.join(build, PROGRAM)
            if build == BUILD or (os.path.exists(program) and
                                  os.path.getmtime(program) >= newest):
                code, said = simulate(17, 3, "--quiet", build=build)
                self.assertEqual(code, 0, said)
                digests[build] = re.search(r"digest (\w+)", said).group(1)
        self.assertEqual(len(set(digests.values())), 1, digests)
        print("digests agree in:", ", ".join(sorted(map(os.path.basename, digests))),
              file=sys.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
