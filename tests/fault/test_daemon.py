# SPDX-License-Identifier: Apache-2.0
"""
Shows how the daemon begins, ends and refuses: one daemon a store; SIGINT and SIGTERM save its
state; what is wrong with store, plugins or configuration is said in words with the right exit code
and never by a crash; a full disk stops trading and loses nothing; a changed configuration takes
effect between two events or not at all.
"""
import fcntl
import os
import resource
import shutil
import signal
import struct
import subprocess
import unittest

from fault_rig import Case, DONE, FAILED, INVALID, PLUGINS, UNREACHABLE

CONFIG = """
turret: 1
mode: paper
store: {store}
plugins:
  - path: {plugins}
venues:
  sim:
    adapter: sim
    cash: {{USD: 1000000}}
    seed: 7
    params: {{market: synthetic, pace_ms: {pace}, bars: {bars}}}
instruments:
  AAA.sim: {{tick: 0.01, lot: 1, currency: USD}}
  BBB.sim: {{tick: 0.01, lot: 1, currency: USD}}
strategies:
  cross:
    plugin: ma_cross
    on: AAA.sim@1m
    params: {{fast: 2, slow: 4, size: 100, short: true}}
    limits: {{max_order_qty: {most}}}
  buyer: {{plugin: accumulate, on: BBB.sim@1m, params: {{qty: 1, orders: 800}}}}
risk: {{preset: development}}
"""


def crc32c(crc, data):
    crc ^= 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


class Daemons(Case):
    def configure(self, name="turret.yaml", **changes):
        values = {"store": "store", "plugins": PLUGINS, "pace": 1, "bars": 0, "most": 1000}
        values.update(changes)
        return self.write(name, CONFIG.format(**values))

    def refused(self, code, *phrases, **more):
        """The daemon ends by itself with `code`, and its last words hold the phrases."""
        daemon = self.start(ready=False, **more)
        self.assertEqual(daemon.end(), code, daemon.said)
        for phrase in phrases:
            self.assertIn(phrase, "\n".join(daemon.said))
        self.assertFalse(any("running " in line for line in daemon.said), daemon.said)

    def wait_for(self, daemon, true):
        """Until true() holds; takes the daemon's words meanwhile. A bounded number of turns."""
        for _ in range(300):
            if true():
                return
            daemon.drain(0.005)
        self.fail("it did not come: " + "\n".join(daemon.said[-10:]))

    def fills(self, store="store"):
        return self.json("fills", "--all", "--store", store)

    # ---- beginning and ending ----

    def test_second_daemon(self):
        self.configure()
        first = self.start()
        self.refused(FAILED, f"pid {first.process.pid}", "store")
        self.assertEqual(first.end(signal.SIGTERM), DONE)
        self.assertEqual(self.start().end(signal.SIGTERM), DONE)

    def test_commands_at_a_start(self):
        """Who has the store's lock and no socket yet is no reason to start another one."""
        self.configure()
        self.assertEqual(self.start().end(signal.SIGTERM), DONE)
        done = self.turret("stop", "cross", "--store", "store")
        self.assertEqual(done.returncode, UNREACHABLE)
        self.assertIn("no daemon runs on store store; start one: turret run", done.stderr)
        with open(self.path("store/lock"), "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            print(os.getpid(), file=lock, flush=True)
            done = self.turret("stop", "cross", "--store", "store")
        self.assertEqual(done.returncode, UNREACHABLE)
        self.assertIn(f"turret: the daemon with pid {os.getpid()} on store store is starting or ending "
                      "and takes no commands: try again; turret halt works meanwhile\n", done.stderr)

    def test_signals_save(self):
        self.configure()
        for number in (signal.SIGINT, signal.SIGTERM):
            daemon = self.start()
            self.wait_for(daemon, lambda: len(self.fills()) > 5)
            self.assertEqual(daemon.end(number), DONE, daemon.said)
            self.assertIn("state is saved", daemon.said[-1])
            before = self.fills()
            again = self.start()
            self.assertTrue(any("and 0 journal records" in line for line in again.said), again.said)
            self.assertEqual(again.end(signal.SIGTERM), DONE)
            self.assertEqual(self.fills()[:len(before)], before)
        self.replays_equal("store")

    # ---- what is refused ----

    def test_newer_format(self):
        self.configure()
        self.assertEqual(self.start().end(signal.SIGTERM), DONE)
        with open(self.path("store/data.mdb"), "rb") as file:
            data = bytearray(file.read())
        key, at, found = b"store.format", -1, 0
        while (at := data.find(key, at + 1)) >= 0:
            row = at + len(key)  # header of 8, CRC-32C, value
            crc = crc32c(crc32c(crc32c(0, b"\0"), key), data[row:row + 8])
            if crc32c(crc, data[row + 12:row + 16]) != struct.unpack_from("<I", data, row + 8)[0]:
                continue
            data[row + 12:row + 16] = struct.pack("<I", 99)
            data[row + 8:row + 12] = struct.pack("<I", crc32c(crc, data[row + 12:row + 16]))
            found += 1
        self.assertGreater(found, 0, "the row is not where this test believes")
        with open(self.path("store/data.mdb"), "wb") as file:
            file.write(data)
        self.refused(INVALID, "format 99", "newer turret")

    @unittest.skipIf(os.getuid() != 0, "needs another user to be")
    def test_read_only_directory(self):
        os.chmod(self.folder, 0o755)
        probe = subprocess.run(["test", "-x", os.environ["TURRET"]], check=False,
                               preexec_fn=lambda: os.setuid(65534))
        if probe.returncode:
            self.skipTest("another user cannot run the built program here")
        self.configure()
        self.refused(FAILED, "store", "Permission denied", preexec_fn=lambda: os.setuid(65534))

    def test_missing_plugins(self):
        self.configure(plugins="nowhere")
        self.refused(INVALID, "nowhere")

    def test_config_errors(self):
        good = CONFIG.format(store="store", plugins=PLUGINS, pace=1, bars=0, most=1000)
        for was, becomes, phrase in (
                ("mode: paper", "mode: papre", "did you mean 'paper'"),
                ("fast: 2", "fast: 501", "fast"),
                ("on: AAA.sim@1m", "on: AAB.sim@1m", "did you mean 'AAA.sim'"),
                ("plugin: ma_cross", "plugin: ma_cros", "ma_cros")):
            self.write("turret.yaml", good.replace(was, becomes))
            self.refused(INVALID, phrase)

    def test_damaged_journal(self):
        self.configure(bars=300, pace=0)
        self.assertEqual(self.start().end(), DONE)
        shutil.copytree(self.path("store"), self.path("good"))
        with open(self.path("good/data.mdb"), "rb") as file:
            data = file.read()
        hits = 0
        for at in range(8192, len(data), len(data) // 40):
            changed = bytearray(data)
            for place in range(at, min(at + 64, len(data))):
                changed[place] ^= 0x5A
            with open(self.path("store/data.mdb"), "wb") as file:
                file.write(changed)
            daemon = self.start(ready=False)
            code, said = daemon.end(), "\n".join(daemon.said)
            self.assertIn(code, (DONE, FAILED, INVALID), f"byte {at}: {said}")
            verified = self.turret("journal", "verify", "--store", "store")
            self.assertIn(verified.returncode, (DONE, FAILED), f"byte {at}: {verified.stderr}")
            if code != DONE:
                hits += 1
                self.assertRegex(said, "damaged|restore|backup|checksum|CRC|chain", f"byte {at}")
            shutil.rmtree(self.path("store"))
            shutil.copytree(self.path("good"), self.path("store"))
        self.assertGreater(hits, 3, "the damage never met anything")

    # ---- a full disk ----

    def full(self, store, calm, **more):
        """A start that meets a full disk, then one with room: the same end as with no trouble."""
        config = self.configure("full.yaml", store=store, bars=3000, pace=0)
        daemon = self.start(config, ready=False, **more)
        self.assertEqual(daemon.end(), FAILED, daemon.said)
        self.assertRegex(daemon.said[-1] + daemon.said[-2], "full|grow")
        before = self.fills(store)
        self.assertGreater(len(before), 0, "it was full before anything traded")
        yield before
        self.assertEqual(self.start(config).end(), DONE)
        after = self.fills(store)
        self.assertEqual(after[:len(before)], before)
        same = ("symbol", "side", "qty", "price", "fee", "time")
        self.assertEqual([[row[name] for name in same] for row in after],
                         [[row[name] for name in same] for row in calm])
        self.replays_equal(store)

    def calm(self):
        config = self.configure("calm.yaml", store="calm", bars=3000, pace=0)
        self.assertEqual(self.start(config).end(), DONE)
        return self.fills("calm")

    def test_file_limit(self):
        limit = 3 << 20
        for _ in self.full("limited", self.calm(), preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_FSIZE, (limit, limit))):
            pass

    @unittest.skipIf(os.getuid() != 0, "needs to mount")
    def test_full_disk(self):
        disk = self.path("disk")
        os.mkdir(disk)
        mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            self.skipTest("mounting is not permitted here")
        self.addCleanup(subprocess.run, ["umount", disk], check=False)
        for _ in self.full(os.path.join(disk, "store"), self.calm()):
            subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)

    # ---- a changed configuration ----

    def version(self):
        return self.json("status", "--store", "store")["config_version"]

    def orders_of_cross(self):
        return self.json("orders", "--all", "--strategy", "cross", "--store", "store")

    def test_reload(self):
        self.configure()
        daemon = self.start()
        self.wait_for(daemon, lambda: len(self.orders_of_cross()) > 2)
        self.assertEqual(self.version(), 1)
        self.configure(most=30)  # each order of 100 or 200 is now too big
        self.assertIsNotNone(daemon.until("configuration version 2 is in force"))
        self.assertEqual(self.version(), 2)
        seen = len(self.orders_of_cross())
        self.wait_for(daemon, lambda: len(self.orders_of_cross()) > seen + 3)
        later = self.orders_of_cross()[seen + 1:]
        self.assertEqual({row["state"] for row in later}, {"DENIED"}, later[:2])
        self.bad_change(daemon, most="-4", phrase="max_order_qty")
        self.bad_change(daemon, store="elsewhere", phrase="needs a restart")
        self.bad_change(daemon, plugins=PLUGINS + "\n    writable: allow", phrase="needs a restart")
        self.assertEqual(self.version(), 2)
        self.configure(most=2000)
        self.assertIsNotNone(daemon.until("configuration version 3 is in force"))
        seen = len(self.orders_of_cross())
        self.wait_for(daemon, lambda: any(row["state"] == "FILLED"
                                          for row in self.orders_of_cross()[seen:]))
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.replays_equal("store")

    def bad_change(self, daemon, phrase, **changes):
        self.configure(**changes)
        line = daemon.until("configuration is refused")
        self.assertIsNotNone(line, daemon.said)
        self.assertIn(phrase, "\n".join(daemon.said[-8:]))

    def test_venue_change(self):
        self.configure()
        daemon = self.start()
        text = CONFIG.format(store="store", plugins=PLUGINS, pace=1, bars=0, most=1000)
        self.write("turret.yaml", text.replace("seed: 7", "seed: 8"))
        self.assertIn("turret.yaml changes venues.sim.seed, which needs a restart (strategies, risk "
                      "and swap may change while it runs)",
                      daemon.until("configuration is refused") or "")
        self.write("turret.yaml", text.replace("seed: 7", "seed: 8") + "audit: {key: k, heads: h}\n")
        self.assertIn("changes venues.sim.seed and 2 other settings, which",
                      daemon.until("configuration is refused") or "")
        self.assertEqual(self.version(), 1)
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)


if __name__ == "__main__":
    unittest.main()
