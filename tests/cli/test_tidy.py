# SPDX-License-Identifier: Apache-2.0
"""Shows that the tree holds to its style (scripts/tidy finds nothing), and that scripts/tidy would
find each kind of mistake: a small tree with one of each is told line by line."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = os.path.realpath(os.environ.get("TURRET_SOURCE",
                                         os.path.join(os.path.dirname(__file__), "..", "..")))
SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"
MARKER = "TO" + "DO"

# path, content after the licence line, what has to be told about it ("line: what")
BAD = [
    ("host/store/upwards.c", '#include "cli/cli.h"\n', "2: store may not include cli/cli.h"),
    ("host/core/sideways.c", '#include "store/store.h"\n', "2: core may not include"),
    ("host/core/posix.c", "#include <unistd.h>\n", "2: core includes no system header"),
    ("host/core/sums.c", "#include <math.h>\n", "2: core includes no system header"),
    ("host/io/database.c", "#include <lmdb.h>\n", "2: <lmdb.h> belongs to"),
    ("host/io/timer.c", "#include <ev.h>\n", "2: <ev.h> belongs to"),
    ("host/plugin/yaml.c", "#include <libfyaml.h>\n", "2: <libfyaml.h> belongs to"),
    ("host/cli/loads.c", "void *p(void)\n{\n    return dlopen(0, 1);\n}\n",
     "4: dlopen() belongs to"),
    ("host/io/clocks.c", "long n(void)\n{\n    return time(NULL);\n}\n", "4: the wall clock"),
    ("host/ops/clocks.c", "int id = CLOCK_REALTIME;\n", "2: the wall clock"),
    ("host/store/one.c", "#include <nettle/sha2.h>\n", None),
    ("host/store/two.c", "#include <nettle/sha1.h>\n", "1: <nettle/...> is included by"),
    ("host/cli/local.c", '#include "cli.h"\n', '2: "cli.h" is not a host header'),
    ("host/odd/file.c", '#include "core/core.h"\n', "2: folder odd has no place"),
    ("host/cli/copies.c", "void c(char *a)\n{\n    strcpy(a, \"b\");\n}\n", "4: strcpy() is banned"),
    ("host/cli/counts.c", "int c(char *a)\n{\n    return atoi(a);\n}\n", "4: atoi() is banned"),
    ("host/cli/later.c", f"/* {MARKER}: all of it */\n", "2: leftover marker"),
    ("host/cli/wide.c", "/* " + "x" * 98 + " */\n", "2: has 104 columns"),
    ("host/cli/long.c", "int a;\n" * 500, "501: has 501 lines"),
    ("host/main.c", "int a;\n" * 150, "151: has 151 lines"),
    ("host/cli/function.c", "int f(void)\n{\n" + "    f();\n" * 69 + "}\n",
     "3: function has 71 lines"),
    ("host/cli/layout.c", "int   f( void );\n", "2: layout"),
    ("plugins/strategies/reaches.c", '#include "core/engine.h"\n', "2: a plugin may not include"),
    ("plugin-api/include/turret/x.h", "#include <sys/types.h>\n", "2: plugin headers include"),
]
GOOD = [
    ("host/store/fine.c", '#include "core/core.h"\n\n#include <lmdb.h>\n\n#include <stdio.h>\n\n'
     '/* calls system() and strcpy( in words only */\nconst char *text = "atoi(x) // time(NULL)";\n'
     "int my_system(int x);\nint use(struct a *a)\n{\n    return a->time(0) + my_system(1);\n}\n"),
    ("host/core/indicator_sums.c", "#include <math.h>\n"),
    ("host/io/clock.c", "int id = CLOCK_REALTIME;\n"),
    ("host/io/loop.c", "#include <ev.h>\n"),
    ("host/cli/function.c", "int f(void)\n{\n" + "    f();\n" * 68 + "}\n"),
    ("host/cli/full.c", "int a;\n" * 499),
]


class Tidy(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="turret-tidy-")
        self.addCleanup(shutil.rmtree, self.root)
        shutil.copy(os.path.join(SOURCE, ".clang-format"), self.root)

    def write(self, path, content):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())

    def tidy(self, *arguments):
        done = subprocess.run([sys.executable, os.path.join(SOURCE, "scripts", "tidy"), *arguments],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout.splitlines()

    def test_every_mistake_is_found(self):
        for path, content, _ in BAD:
            self.write(path, SPDX + content)
        self.write("host/cli/free.c", "int a;\n")
        self.write("host/cli/blob.bin", b"\0\1\2")
        self.write("scripts/run", "#!/bin/sh\necho\n")
        self.write("docs/build.md", "see /wo" + "rk/here\n")
        code, lines = self.tidy(self.root)
        self.assertEqual(code, 1)
        expected = [f"{path}:{what}" for path, _, what in BAD if what]
        expected += ["host/cli/free.c:1: first line is not", "host/cli/blob.bin:1: binary",
                     "scripts/run:1: no line with", "docs/build.md:1: path of one machine"]
        for text in expected:
            self.assertTrue(any(line.startswith(text) for line in lines), text)
        known = {text.split(":")[0] for text in expected}
        self.assertEqual({line.split(":")[0] for line in lines} - known, set())

    def test_good_files_pass(self):
        for path, content in GOOD:
            self.write(path, SPDX + content)
        self.write("build/blob.bin", b"\0")
        self.assertEqual(self.tidy(self.root), (0, []))

    def test_this_tree_is_tidy(self):
        code, lines = self.tidy(SOURCE)
        self.assertEqual((code, lines), (0, []), "\n".join(lines))

    def test_usage(self):
        done = subprocess.run([sys.executable, os.path.join(SOURCE, "scripts", "tidy"), "--what"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("usage: scripts/tidy", done.stderr)


if __name__ == "__main__":
    unittest.main()
