# SPDX-License-Identifier: Apache-2.0
"""Shows that what the stock minisign tool signs is accepted, and only that: a plugin built as a third
party builds it is signed, damaged, replaced, downgraded and left open to others, and each time the
session, `config check` and `plugin list` say the same and none of its code has run. The commands of
docs/signatures.md are run as they stand there."""
import os
import re
import shutil
import subprocess
import sys
import unittest

from fixtures import PLUGINS, build_plugin, strategy_source
from turret_cli import DONE, INVALID, PARTLY, REFUSED, SOURCE, Case

CONSTRUCTOR = """
#include <stdio.h>
#include <stdlib.h>
__attribute__((constructor)) static void leave_a_trace(void)
{
    const char *path = getenv("TURRET_CANARY");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file)
        (void)fclose(file);
}
"""

CONFIG = """turret: 1
mode: paper
store: store
plugins:
  - path: {plugins}
  - path: third
{policy}
venues:
  sim: {{adapter: sim, cash: {{USD: 100000}}, seed: 7,
        params: {{market: synthetic, pace_ms: 0, bars: 20}}}}
instruments:
  SPY.sim: {{tick: 0.01, lot: 1, currency: USD}}
strategies:
  cross: {{plugin: acme.cross, on: SPY.sim@1m}}
risk: {{preset: development}}
"""


def source(version):
    text = strategy_source("cross", "static void on_bar(struct turret_strategy *self, "
                           "const struct turret_bar *bar) { (void)self; (void)bar; }")
    return CONSTRUCTOR + text.replace("test.cross", "acme.cross").replace("1.0.0", version)


class Signatures(Case):
    @classmethod
    def setUpClass(cls):
        os.umask(0o022)

    def setUp(self):
        super().setUp()
        self.env["TURRET_CANARY"] = self.path("canary")
        os.mkdir(self.path("third"))
        self.plugin = build_plugin(self.path("third/acme.so"), source("1.2.0"))
        self.keys("acme")

    def keys(self, name):
        self.minisign("-G", "-W", "-p", self.path(name + ".pub"), "-s", self.path(name + ".key"))

    @staticmethod
    def minisign(*arguments):
        subprocess.run(["minisign", *arguments], check=True, stdout=subprocess.DEVNULL)

    def sign(self, *more, key="acme"):
        self.minisign("-S", "-s", self.path(key + ".key"), "-m", self.plugin, *more)

    def line(self, name="acme"):
        with open(self.path(name + ".pub"), encoding="ascii") as file:
            return file.read().splitlines()[1]

    def key_id(self, name="acme"):
        with open(self.path(name + ".pub"), encoding="ascii") as file:
            return file.readline().split()[-1]

    def configure(self, signature="require", keys=None, **more):
        settings = {"signature": signature, "keys": keys or f"[{self.line()}]", **more}
        policy = "\n".join(f"    {name}: {value}" for name, value in settings.items())
        return self.write("turret.yaml", CONFIG.format(plugins=PLUGINS, policy=policy))

    def ran(self):
        """Whether the plugin's constructor ran since the last question."""
        if not os.path.exists(self.path("canary")):
            return False
        os.unlink(self.path("canary"))
        return True

    def accepted(self):
        done = self.run_turret("run", "turret.yaml")
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.assertTrue(self.ran())
        self.assertIn("is good", self.ok("config", "check", "turret.yaml"))
        self.ran()
        return done.stderr

    def denied(self, phrase):
        """The plugin is not loaded: by a session, which then lacks it; nor by those that look."""
        for command in (("run",), ("config", "check")):
            done = self.run_turret(*command, "turret.yaml")
            self.assertEqual(done.returncode, INVALID, done.stderr)
            self.assertIn(phrase, done.stderr)
            self.assertIn("acme.cross", done.stderr)
        done = self.run_turret("plugin", "list", "-C", "turret.yaml")
        self.assertEqual(done.returncode, PARTLY, done.stderr)
        self.assertIn(phrase, done.stderr)
        self.assertNotIn("acme.cross", done.stdout)
        self.assertFalse(self.ran())

    @staticmethod
    def damage(path, at, bit=0, letter=False):
        """Flips a bit of a byte, or makes another letter of it, which is base64 again."""
        with open(path, "r+b") as file:
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write((b"B" if byte == ord("A") else b"A") if letter else bytes([byte ^ 1 << bit]))

    # ---- what is signed well ----

    def test_what_minisign_signs_is_accepted(self):
        self.configure()
        for more in ((), ("-l",), ("-t", "name:acme.cross version:1.2.0 abi:0.1"),
                     ("-t", "the second build of May")):
            self.sign(*more)
            self.accepted()
        self.configure(keys='["file:acme.pub"]', minimum="{acme.cross: 1.2}")
        self.accepted()

    def test_status_is_shown(self):
        self.sign("-t", "name:acme.cross")
        self.configure()
        rows = {row["id"]: row for row in self.json("plugin", "list", "-C", "turret.yaml")}
        self.assertEqual(rows["acme.cross"]["signature"], "good")
        self.assertEqual(rows["acme.cross"]["key"], self.key_id())
        self.assertEqual(rows["turret.ma_cross"]["signature"], "unsigned")
        self.assertNotIn("key", rows["turret.ma_cross"])
        text = self.ok("plugin", "list", "-C", "turret.yaml", "--plain")
        self.assertIn(f"acme.cross\t1.2.0\t{self.key_id()}\t", text)
        text = self.ok("plugin", "info", "third/acme.so")
        self.assertIn(f"signature: says key {self.key_id()}, not checked; check it with --key", text)
        for key in (self.line(), "file:acme.pub"):
            text = self.ok("plugin", "info", "third/acme.so", "--key", key)
            self.assertIn(f"signature: good, by key {self.key_id()} (name:acme.cross)", text)
        told = self.json("plugin", "info", "third/acme.so", "--key", self.line())[0]
        self.assertEqual((told["signature"], told["key"], told["trusted_comment"]),
                         ("good", self.key_id(), "name:acme.cross"))
        os.unlink(self.plugin + ".minisig")
        self.assertIn("signature: none", self.ok("plugin", "info", "third/acme.so"))

    # ---- what is not ----

    def test_unsigned(self):
        self.configure()
        self.denied("third/acme.so: not signed: there is no acme.so.minisig beside it")

    def test_other_key(self):
        self.keys("other")
        self.sign(key="other")
        self.configure()
        self.denied(f"third/acme.so: signed with key {self.key_id('other')}, which is not pinned")
        self.ran()
        self.refused(REFUSED, "which is not pinned", "plugin", "info", "third/acme.so", "--key",
                     self.line())
        self.assertFalse(self.ran())
        self.configure(keys=f"[{self.line()}, {self.line('other')}]")
        self.accepted()

    def test_changed_file(self):
        self.sign()
        self.configure()
        size = os.path.getsize(self.plugin)
        for at in (0, 16, 63, size // 2, size - 1):
            self.damage(self.plugin, at, at % 8)
            self.denied(f"third/acme.so: the file was changed after key {self.key_id()} signed it")
            self.damage(self.plugin, at, at % 8)
        with open(self.plugin, "ab") as file:
            file.write(b"\0")
        self.denied("the file was changed after")
        os.truncate(self.plugin, size)
        self.accepted()
        build_plugin(self.plugin, source("1.2.1"))  # a rebuild without signing it
        shutil.rmtree(self.path("store"))  # what ran on it would go on with the verified copy
        self.denied("the file was changed after")

    def test_changed_signature(self):
        self.sign("-t", "name:acme.cross")
        self.configure()
        path = self.plugin + ".minisig"
        with open(path, "rb") as file:
            good = file.read()
        lines = good.split(b"\n")
        starts = [0, len(lines[0]) + 1, len(lines[0]) + len(lines[1]) + 2]
        for at, phrase in ((20, "line 1 of its signature file is"),
                           (starts[1] + 30, "its signature was changed, or is not by the pinned"),
                           (starts[1] + 5, "which is not pinned"),
                           (starts[2] + 19, "the trusted comment of its signature was changed"),
                           (len(good) - 1, "line 4 of 4")):
            self.damage(path, at, letter=at != len(good) - 1)
            self.denied(phrase)
            self.write("third/acme.so.minisig", good)
        for short, phrase in ((0, "its signature file is empty"),
                              (len(lines[0]), "cut off in line 1 of 4"),
                              (starts[1] + 50, "cut off in line 2 of 4"),
                              (starts[2] + 10, "cut off in line 3 of 4")):
            self.write("third/acme.so.minisig", good[:short])
            self.denied(phrase)
        self.write("third/acme.so.minisig", good + b"x" * 5000)
        self.denied("a signature has at most 4096")
        self.write("third/acme.so.minisig", good)
        self.accepted()

    def test_signature_of_another_build(self):
        self.sign("-t", "name:acme.cross version:1.1.0")
        self.configure()
        self.denied("its signature is for version:1.1.0, but the file's version is 1.2.0")

    def test_downgrade(self):
        self.configure(minimum="{acme.cross: 1.2.0}")
        build_plugin(self.plugin, source("1.1.0"))
        self.sign("-t", "name:acme.cross version:1.1.0")
        self.denied("acme.cross 1.1.0 is older than the minimum 1.2.0 of turret.yaml:9")
        build_plugin(self.plugin, source("1.10"))
        self.sign()
        self.accepted()

    def test_warn(self):
        self.configure(signature="warn")
        said = self.accepted()
        self.assertEqual(said.count("third/acme.so: not signed: there is no acme.so.minisig"), 1)
        self.assertIn("loaded, as only signature: warn is asked", said)
        done = self.run_turret("plugin", "list", "-C", "turret.yaml", "--plain")
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.assertIn("acme.cross\t1.2.0\tunsigned\t", done.stdout)
        self.sign()
        self.assertNotIn("third/acme.so", self.accepted())

    def test_keys_that_are_none(self):
        self.sign()
        self.configure(keys='["file:absent.pub"]')
        self.refused(INVALID, "plugins[1].keys[0] at turret.yaml:6: absent.pub: open: no such file",
                     "run", "turret.yaml")
        self.configure(keys='["file:turret.yaml"]')
        self.refused(INVALID, "turret.yaml: not a minisign public key file", "run", "turret.yaml")
        self.configure(keys='["file:acme.pub"]')
        os.chmod(self.path("acme.pub"), 0o666)
        self.refused(REFUSED, "acme.pub: everybody can write to it (mode 666); chmod go-w", "run",
                     "turret.yaml")
        self.refused(INVALID, "is not a public key", "plugin", "info", "third/acme.so", "--key",
                     "acme.pub")
        self.refused(INVALID, "--key is for a file", "plugin", "info", "ma_cross", "--key",
                     self.line())
        self.assertFalse(self.ran())

    # ---- who can write ----

    def test_others_can_write(self):
        self.sign()
        self.configure()
        os.chmod(self.plugin, 0o757)
        self.denied("third/acme.so: everybody can write to it (mode 757); chmod go-w third/acme.so")
        os.chmod(self.plugin, 0o755)
        os.chmod(self.path("third"), 0o777)
        self.refused(REFUSED, "third: everybody can write to it (mode 777); chmod go-w third", "run",
                     "turret.yaml")
        self.assertFalse(self.ran())
        self.configure(writable="allow")
        self.accepted()
        os.chmod(self.path("third"), 0o755)
        self.configure()
        self.accepted()

    # ---- the guide ----

    def test_the_guide(self):
        with open(os.path.join(SOURCE, "docs", "signatures.md"), encoding="utf-8") as file:
            guide = file.read()
        shutil.move(self.plugin, self.path("acme.so"))
        os.rmdir(self.path("third"))
        for name in ("acme.pub", "acme.key"):
            os.unlink(self.path(name))
        commands = "".join(re.findall(r"```sh\n(.*?)```", guide, re.S))
        self.assertEqual(len(commands.splitlines()), 3)
        commands = commands.replace("minisign -G ", "minisign -G -W ")  # nobody types a password
        folder = os.path.dirname(os.environ["TURRET"])
        done = subprocess.run(["sh", "-e", "-c", commands], cwd=self.folder, text=True, check=False,
                              env=dict(self.env, PATH=folder + ":" + os.environ["PATH"]),
                              capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("signature: good, by key", done.stdout)
        os.mkdir(self.path("third-party"))
        for name in ("acme.so", "acme.so.minisig"):
            shutil.move(self.path(name), self.path("third-party"))
        sections = re.findall(r"```yaml\nplugins:\n(.*?)```", guide, re.S)
        self.assertEqual(len(sections), 2)
        for section in sections:
            head, tail = CONFIG.format(plugins="X", policy="").split("  - path: X\n  - path: third\n")
            section = section.replace("build/plugins", PLUGINS)
            if PLUGINS not in section:
                section = f"  - path: {PLUGINS}\n" + section
            self.write("turret.yaml", head + section + tail)
            self.accepted()


if __name__ == "__main__":
    if not shutil.which("minisign"):
        print("skipped: no minisign; see scripts/deps")
        sys.exit(77)
    unittest.main()
