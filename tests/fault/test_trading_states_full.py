# SPDX-License-Identifier: Apache-2.0
"""
Shows the kill switch of a venue where no more trading states can be told apart (255): everything is
KILLED then, which is recorded once; and once there is room it is the venue's, and is lifted as ever.
"""
import json
import signal
import socket
import unittest

from fault_rig import Case, DONE, PLUGINS

CONFIG = """
turret: 1
mode: paper
store: store
plugins: [{{path: {plugins}}}]
venues:
  sim: {{adapter: sim, cash: {{USD: 1000000}}, params: {{market: synthetic, pace_ms: 50}}}}
instruments:
{instruments}
strategies: {{buyer: {{plugin: accumulate, on: A255.sim@1m, params: {{qty: 1}}}}}}
risk: {{preset: development}}
"""
STATES = 255


class Full(Case):
    def ask(self, **request):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(20)
            client.connect(self.path("store/control.sock"))
            client.sendall(json.dumps({"reason": "a drill", "who": "x", **request}).encode() + b"\n")
            with client.makefile("r", encoding="utf-8") as file:
                return json.loads(file.readline())

    def killed(self):
        return [(row["scope"], row["name"]) for row in
                self.json("state", "--store", "store")["states"] if row["state"] == "KILLED"]

    def sequence(self):
        return self.json("status", "--store", "store")["sequence"]

    def wait(self, daemon, true):
        for _ in range(1000):
            if true():
                return
            daemon.drain(0.01)
        self.fail("waited in vain: " + "\n".join(daemon.said[-20:]))

    def resume(self, *scope):
        done = self.turret("resume", *scope, "--reason", "a drill", "--store", "store")
        self.assertEqual(done.returncode, DONE, done.stderr)

    def test_a_venue_is_killed(self):
        self.write("turret.yaml", CONFIG.format(plugins=PLUGINS, instruments="\n".join(
            f"  A{i}.sim: {{tick: 0.01, lot: 1, currency: USD}}" for i in range(STATES + 1))))
        daemon = self.start()
        for i in range(STATES):
            self.assertTrue(self.ask(command="state", scope="instrument", name=f"A{i}.sim",
                                     state="halted")["ok"])
        self.assertEqual(self.turret("halt", "--venue", "sim", "--store", "store").returncode, DONE)
        self.assertIsNotNone(daemon.until("the kill switch is set"))
        before = self.sequence()
        self.wait(daemon, lambda: self.sequence() > before + 2000 and self.killed() != [])
        self.assertEqual(self.killed(), [("all", "")])
        self.assertEqual(sum("the kill switch is set" in line for line in daemon.said), 1)
        self.resume("instrument", "A0.sim")
        self.ask(command="resume", scope="all", killed=True)
        self.wait(daemon, lambda: self.killed() == [("venue", "sim")])
        self.resume("venue", "sim", "--killed")
        self.assertEqual(self.killed(), [])
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)


if __name__ == "__main__":
    unittest.main()
