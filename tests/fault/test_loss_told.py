# SPDX-License-Identifier: Apache-2.0
"""
Shows that a limit of loss that is reached is told at once, though no order is asked for: once, by
the daemon, by `turret status` and, with and without a daemon, by `turret state`; at the next start
again, also after a kill, with since when; until `turret resume` lifts it, which waits until the store
has that. It replays alike.
"""
import json
import os
import re
import signal
import unittest

from fault_rig import BUILD, Case, DONE, PARTLY, PLUGINS, USAGE

STUCK = os.path.join(BUILD, "tests", "stuck.so")

CONFIG = f"""
turret: 1
mode: paper
store: store
plugins:
  - path: {PLUGINS}
venues:
  sim:
    adapter: sim
    cash: {{USD: 1000000, EUR: 1000000}}
    seed: 7
    params: {{market: synthetic, pace_ms: 5}}
instruments:
  AAA.sim: {{tick: 0.01, lot: 1, currency: USD}}
  BBB.sim: {{tick: 0.01, lot: 1, currency: EUR}}
risk: {{preset: development, daily_loss: 40}}
strategies:
  buyer:
    plugin: accumulate
    on: AAA.sim@1m
    params: {{qty: 200, orders: 1}}
    limits: {{drawdown: 0.003%}}
  other:
    plugin: accumulate
    on: BBB.sim@1m
    params: {{qty: 1, orders: 1}}
"""
STORE = ("--store", "store")
LOSS = (r"daily loss reached: (\d+[.\d]*) of \d+[.\d]* USD lost, the limit is 40")
DRAWDOWN = (r"drawdown reached: (\d+[.\d]*) of \d+[.\d]* USD lost, the limit is 0\.003%")
CLOSES = "; it may only close until turret resume --reason TEXT"
WHO = {("account", "sim/USD", "daily_loss"): LOSS, ("strategy", "buyer", "drawdown"): DRAWDOWN}


class Told(Case):
    def alarms(self, daemon, between=": "):
        return [line for line in daemon.said
                if re.match(f"turret: alarm: (account sim/USD|strategy buyer){between}", line)]

    def check(self, rows):
        """Both, with since when; answers that."""
        self.assertEqual({(row["scope"], row["name"], row["limit"]) for row in rows}, set(WHO))
        for row in rows:
            lost = re.fullmatch(WHO[row["scope"], row["name"], row["limit"]], row["text"])
            self.assertIsNotNone(lost, row)
            self.assertGreaterEqual(float(lost.group(1)), 30)
        return sorted(row["since"] for row in rows)

    def test_told(self):
        self.write("turret.yaml", CONFIG)
        daemon = self.start()
        for _ in range(2):
            self.assertIsNotNone(daemon.until(CLOSES), daemon.said)
        self.assertEqual(len(self.alarms(daemon)), 2)
        for line in self.alarms(daemon):
            self.assertRegex(line, f"({LOSS}|{DRAWDOWN}){CLOSES}$")
        status = self.json("status", *STORE)
        self.assertEqual(status["trading"], "REDUCING (daily loss reached; turret resume lifts it)")
        since = self.check(status["stops"])
        shown = self.ok("status", *STORE)
        self.assertRegex(shown, r"\nmay only close +name +since +until turret resume --reason TEXT\n"
                                r"account +sim/USD +\d{4}-\S+Z +daily loss reached: ")
        self.assertRegex(self.ok("--plain", "status", *STORE), r"\nstop\tstrategy\tbuyer\t\d{4}-\S+Z"
                                                              r"\tdrawdown reached: ")
        for _ in range(400):  # the store has them a commit later
            if len(self.json("state", *STORE)["stops"]) == 2:
                break
            daemon.drain(0.02)
        self.check(self.json("state", *STORE)["stops"])
        daemon.drain_for(0.3)
        self.assertEqual(daemon.end(signal.SIGKILL), -signal.SIGKILL)
        self.assertEqual(len(self.alarms(daemon)), 2)  # once
        self.assertFalse([line for line in daemon.said if "denied" in line])
        self.look_without_a_daemon()
        daemon = self.start()
        self.assertEqual(len(self.alarms(daemon, " is still stopped since ")), 2, daemon.said)
        self.assertEqual(self.alarms(daemon), [])
        self.assertEqual(self.check(self.json("status", *STORE)["stops"]), since)
        self.resume_a_scope()
        self.lift(daemon)
        self.replays_equal("store")

    @unittest.skipUnless(os.path.exists(STUCK), "no libraries for LD_PRELOAD in this build")
    def test_resumed_is_on_the_disk(self):
        """While that does not answer it is not said to be done."""
        self.write("turret.yaml", CONFIG)
        daemon = self.start(env=dict(os.environ, LD_PRELOAD=STUCK, STUCK=self.path("stuck")))
        for _ in range(1000):
            if self.json("state", *STORE)["stops"]:
                break
            daemon.drain(0.01)
        self.write("turret.yaml", CONFIG.replace("daily_loss: 40", "daily_loss: 50%")
                   .replace("    limits: {drawdown: 0.003%}\n", ""))
        self.assertIsNotNone(daemon.until("is in force"))
        self.write("stuck", "")
        done = self.turret("resume", "--reason", "looked at it", *STORE)
        self.assertEqual(done.returncode, PARTLY, done.stderr)
        self.assertIn("the daemon took it, but it is not on the disk after 5 s", done.stderr)
        self.assertNotEqual(self.json("state", *STORE)["stops"], [])
        os.remove(self.path("stuck"))
        for _ in range(1000):
            if not self.json("state", *STORE)["stops"]:
                break
            daemon.drain(0.01)
        self.assertEqual(self.json("state", *STORE)["stops"], [])
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.replays_equal("store")

    def resume_a_scope(self):
        """That lifts no limit of loss, and says so of those that are of the scope."""
        reason = ("--reason", "looked at it", *STORE)
        lifted = "lifted, for all at once, by turret resume --reason TEXT, no scope\n"
        account = f"account sim/USD may only close: {LOSS}\n"
        strategy = f"strategy buyer may only close: {DRAWDOWN}\n"
        for words, told, others in ((("account", "sim/USD"), (account,), (strategy,)),
                                    (("venue", "sim"), (account,), (strategy,)),
                                    (("strategy", "buyer"), (account, strategy), ()),
                                    (("all",), (account, strategy), ()),
                                    (("instrument", "AAA.sim"), (account,), (strategy,)),
                                    (("instrument", "BBB.sim"), (), (account, strategy, lifted)),
                                    (("strategy", "other"), (), (account, strategy, lifted)),
                                    (("account", "sim/EUR"), (), (account, strategy, lifted))):
            done = self.turret("resume", *words, *reason)
            self.assertEqual(done.returncode, PARTLY if told else DONE, done.stderr)
            self.assertEqual(done.stdout, f"{' '.join(words)}: " + (
                "NOT resumed: no state is set of it, a limit stops it\n" if told else
                "nothing to resume: it was ACTIVE\n"))
            for line in told:
                self.assertRegex(done.stderr, line)
            for line in others:
                self.assertNotRegex(done.stderr, line)
            self.assertEqual(lifted in done.stderr, bool(told))
        self.ok("state", "strategy", "buyer", "halted", *reason)
        done = self.turret("resume", "strategy", "buyer", *reason)
        self.assertEqual((done.returncode, done.stdout),
                         (PARTLY, "strategy buyer: resumed: it was HALTED\n"))
        self.assertRegex(done.stderr, strategy)
        self.assertRegex(done.stderr, account)
        done = self.turret("--json", "resume", "strategy", "buyer", *reason)
        self.assertEqual(done.returncode, PARTLY, done.stderr)
        self.assertEqual([stop["name"] for stop in json.loads(done.stdout)["stops"]],
                         ["sim/USD", "buyer"])
        self.check(self.json("status", *STORE)["stops"])
        self.set_active(reason, strategy)
        done = self.turret("resume", *STORE)
        self.assertEqual((done.returncode, done.stdout), (USAGE, ""))
        self.assertIn("a stop is latched; lifting it counts loss and drawdown anew and needs "
                      "--reason TEXT of at most 46 bytes", done.stderr)

    def set_active(self, reason, line):
        """It is no way round a limit, and says so as resume does."""
        words = ("state", "strategy", "buyer", "active", *reason)
        done = self.turret(*words)
        self.assertEqual((done.returncode, done.stdout), (
            PARTLY, "strategy buyer: NOT resumed: no state is set of it, a limit stops it\n"))
        self.assertRegex(done.stderr, line)
        self.ok("state", "strategy", "buyer", "reducing", *reason)
        done = self.turret(*words)
        self.assertEqual((done.returncode, done.stdout),
                         (PARTLY, "strategy buyer: resumed: it was REDUCING\n"))
        self.assertRegex(done.stderr, line)
        self.assertEqual(self.turret("--json", *words).returncode, PARTLY)
        done = self.turret("state", "instrument", "BBB.sim", "active", *reason)
        self.assertEqual((done.returncode, done.stderr),
                         (DONE, "instrument BBB.sim: ACTIVE\nnext: turret state\n"))

    def look_without_a_daemon(self):
        state = self.json("state", *STORE)
        self.check(state["stops"])
        self.assertEqual(state["states"], [])
        done = self.turret("state", *STORE)
        self.assertRegex(done.stdout, r"\naccount +sim/USD +REDUCING +\d{4}-\S+Z +host +daily loss")
        self.assertRegex(done.stdout, r"\nstrategy +buyer +REDUCING +\d{4}-\S+Z +host +drawdown")
        self.assertIn("lifted by: turret resume --reason TEXT", done.stderr)

    def lift(self, daemon):
        self.write("turret.yaml", CONFIG.replace("daily_loss: 40", "daily_loss: 50%")
                   .replace("    limits: {drawdown: 0.003%}\n", ""))
        self.assertIsNotNone(daemon.until("is in force"))
        self.check(self.json("status", *STORE)["stops"])  # wider limits lift nothing
        self.ok("resume", "--reason", "looked at it", *STORE)
        self.assertEqual(self.ok("state", *STORE), "every scope is ACTIVE\n")
        self.assertEqual(self.json("status", *STORE)["stops"], [])
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        daemon = self.start()
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.assertEqual(self.alarms(daemon, ".*stopped"), [])


if __name__ == "__main__":
    unittest.main()
