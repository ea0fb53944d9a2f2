# SPDX-License-Identifier: Apache-2.0
"""
Shows (failure 63) that a daemon whose audit cannot be durable stops: the heads file's disk is full, or
the file is gone, while it trades; what was recorded is whole, and the next start with room carries on
and has lost nothing. And that ends of lines and other control characters in a recorded text stay in
their one line when they are shown.
"""
import os
import subprocess
import unittest

from fault_rig import Case, DONE, FAILED, PLUGINS

CONFIG = """
turret: 1
mode: paper
store: store
plugins: [{{path: {plugins}}}]
venues:
  sim:
    adapter: sim
    cash: {{USD: 1000000}}
    seed: 7
    params: {{market: synthetic, pace_ms: 0}}
instruments:
  AAA.sim: {{tick: 0.01, lot: 1, currency: USD}}
strategies:
  cross:
    plugin: ma_cross
    on: AAA.sim@1m
    params: {{fast: 2, slow: 4, size: 100}}
    limits: {{max_order_qty: 50}}
risk: {{preset: development}}
audit: {{heads: away/heads}}
"""
STORE = ("--store", "store")


class Full(Case):
    def begin(self):
        self.write("turret.yaml", CONFIG.format(plugins=PLUGINS))
        daemon = self.start()
        self.assertIsNotNone(daemon.until("8 times by now"))
        return daemon

    def stops(self, daemon, why):
        """A head is due every 1,000 denials; it ends by itself and says why."""
        self.assertEqual(daemon.end(), FAILED, "\n".join(daemon.said[-5:]))
        said = "\n".join(daemon.said)
        self.assertIn(why, said)
        denied = [order["id"] for order in self.json("orders", "--all", *STORE)
                  if order["state"] == "DENIED"]
        told = [int(record["fields"]["order"])
                for record in self.json("audit", "--all", "--kind", "denial", *STORE)]
        self.assertEqual(told, denied)
        return len(told)

    def carries_on(self, before):
        self.assertEqual(self.start().end(15), DONE)
        verified = self.json("journal", "verify", "--heads", "away/heads", *STORE)["audit"]
        self.assertEqual(verified["signed_record"], verified["records"])
        self.assertGreater(verified["records"], before)

    def test_the_file_is_gone(self):
        os.mkdir(self.path("away"))
        daemon = self.begin()
        os.rename(self.path("away"), self.path("lost"))
        before = self.stops(daemon, "heads file away/heads cannot be found")
        os.rename(self.path("lost"), self.path("away"))
        self.carries_on(before)

    @unittest.skipIf(os.getuid() != 0, "needs to mount")
    def test_the_disk_is_full(self):
        disk = self.path("away")
        os.mkdir(disk)
        mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            self.skipTest("mounting is not permitted here")
        self.addCleanup(subprocess.run, ["umount", disk], check=False)
        daemon = self.begin()
        filler = os.open(os.path.join(disk, "filler"), os.O_WRONLY | os.O_CREAT)
        try:
            while os.write(filler, bytes(1024)):
                pass
        except OSError:
            pass
        os.close(filler)
        before = self.stops(daemon, "No space left on device; without it the audit is not durable")
        os.unlink(os.path.join(disk, "filler"))
        self.carries_on(before)

    def test_control_characters_stay_in_their_line(self):
        os.mkdir(self.path("away"))
        daemon = self.begin()
        forged = "x\r\n     9  2026-01-01T00:00:00Z  command  by=\"root\"\x1b[2J\x7f\u009b\t\\"
        self.turret("stop", forged, *STORE)
        self.ok("pause", "cross", *STORE)
        self.assertEqual(daemon.end(15), DONE)
        for form in ("--plain", "--no-input"):
            lines = self.ok("audit", "--kind", "command", form, *STORE).split("\n")
            self.assertEqual(len(lines), 3, lines)  # two commands, and the end
            self.assertIn("\\\\r\\\\n", lines[0])
            self.assertFalse([c for line in lines for c in line if
                              (c < " " and c != "\t") or "\x7f" <= c <= "\x9f"])
        self.assertEqual(len(self.json("audit", "--kind", "command", *STORE)), 2)


if __name__ == "__main__":
    unittest.main()
