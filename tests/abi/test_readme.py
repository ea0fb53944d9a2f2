# SPDX-License-Identifier: Apache-2.0
"""The strategy printed in README.md compiles as pasted, with the command printed there, and loads."""

import os
import re
import subprocess
import tempfile
import unittest

SOURCE = os.environ["TURRET_SOURCE"]
TURRET = os.environ["TURRET"]


class Readme(unittest.TestCase):
    def test_first_strategy(self):
        with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as readme:
            text = readme.read()
        strategy = re.search(r"```c\n(.*?)```", text, re.S).group(1)
        command = re.search(r"^cc .*?-o my\.so my\.c$", text, re.S | re.M).group(0)
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "my.c"), "w", encoding="utf-8") as file:
                file.write(strategy)
            command = command.replace("plugin-api/", os.path.join(SOURCE, "plugin-api") + "/")
            built = subprocess.run(["sh", "-c", command + " -Wall -Wextra -Werror"], cwd=folder,
                                   capture_output=True, text=True, check=False)
            self.assertEqual(built.returncode, 0, built.stderr)
            shown = subprocess.run([TURRET, "plugin", "info", "my.so"], cwd=folder,
                                   capture_output=True, text=True, check=False)
            self.assertEqual(shown.returncode, 0, shown.stderr)
            self.assertIn("acme.cross", shown.stdout)


if __name__ == "__main__":
    unittest.main()
