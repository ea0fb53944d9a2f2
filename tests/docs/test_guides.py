# SPDX-License-Identifier: Apache-2.0
"""Shows that the guides say what is so. Their commands run as pasted, in order, by somebody who has
an installed prefix in PATH; their code is in the templates, examples or headers; the commands they
name exist, and so do the files they link to. The manual page turret-plugin(3) is clean and names
everything the headers offer."""
import glob
import os
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "sdk"))
from sdk_rig import Case, SOURCE  # noqa: E402  pylint: disable=wrong-import-position

DOCS = os.path.join(SOURCE, "docs")
GUIDES = ["first-strategy.md", "broker-adapter.md", "hot-swap.md", "abi.md"]
README = os.path.join("..", "README.md")
PAGE = os.path.join(DOCS, "turret-plugin.3")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def blocks(guide, language):
    """The fenced blocks of that language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", read(os.path.join(DOCS, guide)), re.S | re.M)


def sources():
    """Every text that code in a guide may be taken from, as `turret new strategy my-cross` has it."""
    paths = []
    for pattern in ("plugin-api/sdk/templates/*/*", "plugin-api/include/turret/*.h",
                    "plugins/examples/*/*"):
        paths += [path for path in glob.glob(os.path.join(SOURCE, pattern)) if os.path.isfile(path)]
    return [re.sub(r"\s+", " ", read(path).replace("@ID@", "local.my-cross")
                   .replace("@NAME@", "my-cross")) for path in paths]


class Guides(Case):
    def test_commands_run(self):
        for guide in GUIDES + [README]:
            script = "\n".join(blocks(guide, "sh"))
            with self.subTest(guide):
                self.assertGreaterEqual(script.count("\n"), 5)
                place = os.path.join(self.folder, os.path.basename(guide))
                os.mkdir(place)
                done = subprocess.run(["sh", "-eux"], input=script, cwd=place, env=self.env,
                                      capture_output=True, text=True, check=False, timeout=300)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertNotIn("disabled", done.stderr)
                if guide == GUIDES[0]:
                    self.assertRegex(done.stdout, r"my-cross\s+DEMO\.sim\s+buy")
                self.assertIn("100% tests passed" if guide != "abi.md" else "plugin ABI",
                              done.stdout)

    def test_a_wrong_command_is_noticed(self):
        script = blocks("first-strategy.md", "sh")[0].replace("turret paper", "turret papper")
        self.sh(script, code=2)

    def test_code_is_the_tree_s(self):
        known = sources()
        for guide in GUIDES:
            found = blocks(guide, "c") + blocks(guide, "cmake")
            self.assertGreater(len(found), 1, guide)
            for block in found:
                with self.subTest(guide=guide, block=block):
                    text = re.sub(r"\s+", " ", block).strip()
                    self.assertTrue(any(text in source for source in known))
        self.assertFalse(any("int64_t crossing;" in source for source in known))

    def test_commands_exist(self):
        for guide in GUIDES + [README]:
            text = re.sub(r"^```.*?^```$", "", read(os.path.join(DOCS, guide)), flags=re.S | re.M)
            for words in set(re.findall(r"`turret ([a-z]+(?: [a-z]+)?)", text)):
                command = words.split()
                known = [self.known(command[:n]) for n in range(1, len(command) + 1)]
                with self.subTest(guide=guide, command=words):
                    self.assertTrue(any(known))

    def known(self, words):
        done = subprocess.run(["turret", "help", *words], env=self.env, capture_output=True,
                              check=False)
        return done.returncode == 0

    def test_links(self):
        for guide in GUIDES + [README]:
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", read(os.path.join(DOCS, guide))):
                path = os.path.join(DOCS, os.path.dirname(guide), target)
                self.assertTrue(os.path.exists(path), f"{guide}: {target}")


class Page(unittest.TestCase):
    def test_clean(self):
        if not shutil.which("mandoc"):
            self.skipTest("mandoc is not installed; see scripts/deps")
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", PAGE],
                              capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_names_everything(self):
        page = read(PAGE)
        missing, count = [], 0
        for path in glob.glob(os.path.join(SOURCE, "plugin-api", "include", "turret", "*.h")):
            text = read(path)
            names = re.findall(r"^static inline [\w ]+?\*?(turret_\w+)\(", text, re.M)
            names += re.findall(r"^#define (TURRET_(?:E[A-Z]+|PARAM_[A-Z]+|FIELD(?:_[A-Z]\d\d)?|"
                                r"STRATEGY|STRATEGY_TYPE|INDICATOR|BROKER|PLUGIN))\b", text, re.M)
            for body in re.findall(r"^struct turret_\w+(?:_type|_host) \{\n(.*?)^\};", text,
                                   re.M | re.S):
                names += re.findall(r"\(\*(\w+)\)", body)
            count += len(names)
            missing += [name for name in names if not re.search(rf"\b{name}\b", page)]
        self.assertGreater(count, 90)
        wrapped = {"use", "target", "score", "position", "account", "fee"}  # by turret_… functions
        self.assertEqual(sorted(set(missing) - wrapped - {"TURRET_EXPORT"}), [])

    def test_describes_each_field_of_an_order(self):
        orders = read(os.path.join(SOURCE, "plugin-api", "include", "turret", "orders.h"))
        body = re.search(r"^struct turret_order_request \{\n(.*?)^\};", orders, re.M | re.S).group(1)
        body = re.sub(r"/\*.*?\*/", "", body, flags=re.S)
        fields = [name for names in re.findall(r"^\s*\w+ ([\w, \[\]]+);", body, re.M)
                  for name in re.findall(r"\w+(?=[\[,]|$)", names) if not name.isdigit()]
        self.assertGreater(len(fields), 18)
        section = read(PAGE).split(".Ss The order request\n")[1].split("\n.S")[0]
        described = set(re.findall(r"\w+", " ".join(re.findall(r"^\.It Fa (.*)", section, re.M))))
        self.assertEqual(set(fields) - described, {"struct_size", "reserved"})
        self.assertIn("at most 55 bytes", section)
        self.assertIn("char reason[56];", body)


if __name__ == "__main__":
    unittest.main()
