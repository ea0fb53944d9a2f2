# SPDX-License-Identifier: Apache-2.0
"""
Shows what becomes of the reason of `turret halt`: a long one is cut before a character, JSON has it
as it is kept, and the daemon's alarm says it. Of what is KILLED already, by a person or by the
signal, another reason is not recorded: that is told, with since when, by whom and why, also while the
daemon has not recorded the first, and `turret state` has it of the first then; after a resume it is
recorded again.
"""
import signal
import unittest

from fault_rig import Case, DONE, PLUGINS, person
from test_halt_store import CONFIG

MOST = 46


class Reason(Case):
    def setUp(self):
        super().setUp()
        self.write("turret.yaml", CONFIG.format(plugins=PLUGINS, store="store: store"))
        self.daemon = self.start()

    def halt(self, reason, *more):
        """What it answers, and what it says to people."""
        words = ("halt", "--store", "store", *more, *(("--reason", reason) if reason else ()))
        answer = self.json(*words)
        done = self.turret(*words)
        self.assertEqual(done.returncode, DONE, done.stderr)
        return answer, done.stderr

    def test_cut_before_a_character(self):
        self.assertEqual(self.daemon.end(signal.SIGTERM), DONE)
        for end in ("\u00e9", "\u20ac", "\U0001f6d1"):
            size = len(end.encode())
            for room in range(1, size + 1):
                reason = "x" * (MOST - room) + end
                answer, said = self.halt(reason + "yyyy")
                cut = reason if room == size else reason[:-1]
                self.assertEqual(answer["reason"], cut)
                self.assertIn(f"the reason is cut to {len(cut.encode())} bytes\n", said)
        answer, said = self.halt(reason)
        self.assertEqual((answer["reason"], "is cut" in said), (reason, False))
        self.assertIsNone(self.halt("")[0]["reason"])

    def killed(self):
        """The state, once the store has it."""
        for _ in range(1000):
            states = self.json("state", "--store", "store")["states"]
            if states:
                break
            self.daemon.drain(0.01)
        self.assertEqual([row["state"] for row in states], ["KILLED"])
        return states[0]

    def check_not_recorded(self, who, reason, *more):
        said = f"{who}: {reason}" if who != "signal" else who
        venue = " to venue sim" if more else ""
        self.assertIsNotNone(self.daemon.until(
            f"alarm: the kill switch is set ({said}): nothing new is sent{venue}"), self.daemon.said)
        row = self.killed()
        self.assertEqual((row["who"], row["reason"]), (who, reason))
        answer, said = self.halt("second", *more)
        self.assertEqual(answer["reason"], "second")
        self.assertEqual(answer["killed_already"],
                         {"since": row["since"], "who": who, "reason": reason})
        since = f" since {row['since']}" if row["since"] else ""
        self.assertIn(f"KILLED already{since} by {who} ({reason}): this reason is NOT recorded\n",
                      said)
        for same in ("", reason):
            answer, said = self.halt(same, *more)
            self.assertIsNone(answer["killed_already"])
            self.assertNotIn("already", said)
        self.daemon.drain_for(0.2)
        self.assertEqual(self.killed(), row)
        self.ok("resume", row["scope"], *([row["name"]] if row["name"] else []), "--killed",
                "--reason", "a drill", "--store", "store")

    def test_another_reason_is_not_recorded(self):
        self.assertIsNone(self.halt("first")[0]["killed_already"])
        self.check_not_recorded(person(), "first")
        self.assertIsNone(self.halt("of a venue", "--venue", "sim")[0]["killed_already"])
        self.check_not_recorded(person(), "of a venue", "--venue", "sim")
        self.daemon.kill(signal.SIGUSR1)
        self.check_not_recorded("signal", "kill switch: SIGUSR1")
        self.assertIsNone(self.halt("second")[0]["killed_already"])
        self.assertEqual(self.killed()["reason"], "second")
        self.assertEqual(self.daemon.end(signal.SIGTERM), DONE)
        self.replays_equal("store")

    def check_first(self, who, reason):
        """Those after the first, of a daemon that has not recorded it."""
        for number in range(3):
            answer, said = self.halt(f"later {number}")
            self.assertEqual({**answer["killed_already"], "since": ""},
                             {"since": "", "who": who, "reason": reason})
            since = answer["killed_already"]["since"]
            self.assertRegex(since, "^20[0-9]{2}-")
            self.assertIn(f"KILLED already since {since} by {who} ({reason}): this reason is NOT "
                          "recorded\n", said)
        self.assertIsNone(self.halt(reason)[0]["killed_already"])
        state = self.json("state", "--store", "store")
        self.assertEqual((state["states"], state["kill_switch"]), ([], ["all"]))
        self.assertEqual(state["unrecorded"], [
            {"scope": "all", "name": "", "state": "KILLED", "since": since, "who": who,
             "reason": reason}])
        self.assertIn(f"the kill switch is set: all, since {since[:19]}Z by {who} ({reason}); no daemon "
                      "has recorded it yet\n", self.turret("state", "--store", "store").stderr)

    def test_the_first_is_not_recorded_yet(self):
        """The daemon is stopped, then dead: what it records is what was told."""
        self.ok("stop", "cross", "--store", "store")  # no order is waited for
        for _ in range(1000):
            if self.json("status", "--store", "store")["working_orders"] == 0:
                break
            self.daemon.drain(0.01)
        self.daemon.kill(signal.SIGSTOP)
        answer = self.json("halt", "--store", "store", "--reason", "first")
        self.assertIsNone(answer["killed_already"])
        self.check_first(person(), "first")
        self.daemon.kill(signal.SIGUSR1)
        self.daemon.kill(signal.SIGCONT)
        row = self.killed()
        self.assertEqual((row["who"], row["reason"]), (person(), "first"))
        self.ok("resume", "all", "--killed", "--reason", "a drill", "--store", "store")
        self.daemon.end(signal.SIGKILL)
        self.assertIsNone(self.halt("without a daemon")[0]["killed_already"])
        self.check_first(person(), "without a daemon")
        self.daemon = self.start()
        row = self.killed()
        self.assertEqual((row["who"], row["reason"]), (person(), "without a daemon"))
        self.assertEqual(self.json("state", "--store", "store")["unrecorded"], [])
        self.assertRegex(self.turret("state", "--store", "store").stderr,
                         "^the kill switch is set: all\n")
        self.assertEqual(self.daemon.end(signal.SIGTERM), DONE)
        self.replays_equal("store")


if __name__ == "__main__":
    unittest.main()
