# SPDX-License-Identifier: Apache-2.0
"""Shows the hazards that are found before a plugin is loaded: what would pin it, kill the process or
end the reserve of static TLS is named by the check that a hot swap's probe runs; what is tolerated is
told. And that the host itself uses neither RTLD_DEEPBIND nor dlmopen and exports nothing."""

import json
import os
import pathlib
import re
import subprocess
import unittest

TURRET = os.environ["TURRET"]
SOURCE = pathlib.Path(os.environ["TURRET_SOURCE"])
BUILD = pathlib.Path(os.environ["TURRET_BUILD"])


def check(path, *arguments):
    done = subprocess.run([TURRET, "plugin", "check", BUILD / path, "--json", *arguments],
                          capture_output=True, text=True, check=False, timeout=120)
    return {line["id"]: (line["outcome"], line["text"])
            for line in json.loads(done.stdout)["checks"]}


class Offline(unittest.TestCase):
    def refused(self, path, phrase):
        """By the probe of a hot swap, before any code of it runs."""
        found = check(path, "--only", "probe")
        self.assertEqual(found["probe-file"][0], "FAIL")
        self.assertIn(phrase, found["probe-file"][1])
        self.assertEqual(found["probe-run"], ("SKIP", "probe-file did not pass"))

    def test_left_behind_is_refused(self):
        self.refused("hostile/thread_left.so", "uses pthread_create")
        self.refused("hostile/pthread_key.so", "uses pthread_key_create")
        self.refused("hostile/signal_handler.so", "uses signal: plugins own no signal handlers")

    def test_initial_exec_tls_is_refused(self):
        self.refused("hostile/static_tls.so", "initial-exec thread-local storage")

    def test_unique_is_refused(self):
        self.refused("hostile/unique.so", "also exports")
        self.assertEqual(check("hostile/unique.so", "--only", "elf-unique")["elf-unique"][0], "FAIL")

    def test_what_stays_is_told(self):
        found = check("hazards/marked_nodelete.so", "--only", "load-unload")
        self.assertEqual(found["load-unload"], ("PASS", "stays mapped after it is unloaded"))
        found = check("hazards/libstdcxx.so", "--only", "elf-needed")
        self.assertEqual(found["elf-needed"][0], "PASS")
        self.assertIn("libstdc++ stays in memory", found["elf-needed"][1])
        found = check("hazards/thread_local.so", "--only", "elf-unique")
        self.assertIn("thread_local destructors", found["elf-unique"][1])


class Host(unittest.TestCase):
    def symbols(self, *options):
        done = subprocess.run(["nm", "-D", *options, TURRET], capture_output=True, text=True,
                              check=True)
        return {line.split()[-1].split("@")[0] for line in done.stdout.splitlines()}

    def test_neither_deepbind_nor_namespaces(self):
        self.assertNotIn("dlmopen", self.symbols("--undefined-only"))
        self.assertIn("dlopen", self.symbols("--undefined-only"))
        for path in (SOURCE / "host").rglob("*.[ch]"):
            self.assertNotRegex(re.sub(r"/\*.*?\*/|\"[^\"\n]*\"", "",
                                       path.read_text(encoding="utf-8"), flags=re.S),
                                r"RTLD_DEEPBIND|RTLD_GLOBAL|\bdlmopen\s*\(", str(path))

    def test_the_host_exports_nothing(self):
        exported = {name for name in self.symbols("--defined-only")
                    if not name.startswith("_") and name not in ("environ", "stdin", "stdout",
                                                                 "stderr", "data_start", "edata",
                                                                 "end")}
        if any(name.startswith("__asan") for name in self.symbols("--defined-only")):
            self.skipTest("a sanitizer exports its own")
        self.assertEqual(exported, set())


if __name__ == "__main__":
    unittest.main()
