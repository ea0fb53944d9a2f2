# SPDX-License-Identifier: Apache-2.0
"""
Shows the trading states by command: for each scope orders stop and come again, what was set is read
at once and without a daemon, a restart and a change of the configuration raise nothing, HALTED is
left by `turret resume` only, a start says what holds its strategy and that it runs already, and
nothing is resumed while the venue is away. What is asked in the moment the kill switch is set waits
until that is recorded. Replaying the journal comes to the same.
"""
import json
import signal
import socket
import unittest

from fault_rig import DONE, INVALID, PARTLY, REFUSED, UNREACHABLE, USAGE, person
from venue_rig import QUOTER, VenueCase

SCOPES = (("all",), ("venue", "fake"), ("account", "fake/USD"), ("strategy", "quoter"))


class States(VenueCase):
    strategies = QUOTER

    def set(self, *words, code=DONE, command="state"):
        done = self.turret(command, *words, "--store", "store", "--reason", "a drill")
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def listed(self):
        return [(row["scope"], row["name"], row["state"]) for row in
                self.json("state", "--store", "store")["states"]]

    def stands_still(self, daemon, scope):
        """No new order at the venue over many ticks, and denials are told."""
        self.assertNotEqual(self.listed(), [])  # what was set is in the store at once
        before = self.counts()["ORDER"]
        denied = self.status()["strategies"][0]["denied"]
        self.wait(daemon, lambda: self.status()["strategies"][0]["denied"] > denied + 20,
                  "denials")
        self.assertEqual(self.counts()["ORDER"], before, scope)

    def trades(self, daemon):
        before = self.counts()["ORDER"]
        self.wait(daemon, lambda: self.counts()["ORDER"] > before + 3, "orders")

    def test_each_scope(self):
        daemon = self.begin("")
        self.trades(daemon)
        for scope in SCOPES:
            for state in ("cancel-only", "HALTED"):
                self.set(*scope, state)
                self.stands_still(daemon, scope)
                row = self.json("state", "--store", "store")["states"][0]
                self.assertEqual((row["reason"], row["state"]),
                                 ("a drill", state.upper().replace("-", "_")))
                self.assertEqual(row["who"], person())
                self.assertTrue(row["since"])
            self.set(*scope, "active", code=REFUSED)
            self.set(*scope, command="resume")
            self.trades(daemon)
            self.assertEqual(self.listed(), [])
        self.set("instrument", "AAA.fake", "halted")
        self.trades(daemon)  # on the other one
        self.set("strategy", "quoter", "reducing")
        self.assertEqual(len(self.listed()), 2)
        self.assertEqual(self.status()["trading"], "HALTED (in part: turret state)")
        self.set("strategy", "quoter", "active")
        self.set("instrument", "AAA.fake", command="resume")
        self.settle(daemon)

    def test_nothing_raises_it(self):
        daemon = self.begin("")
        self.trades(daemon)
        self.set("strategy", "quoter", "halted")
        self.set("all", "reducing")
        wanted = self.listed()
        for number in (signal.SIGTERM, signal.SIGKILL):
            daemon.kill(number)
            daemon.process.wait(60)
            self.assertEqual(self.listed(), wanted)  # no daemon is needed
            self.set("all", "active", code=UNREACHABLE)
            daemon = self.start()
            self.wait(daemon, lambda: self.status()["venues"][0]["ready"], "the venue")
            self.stands_still(daemon, number)
            self.assertEqual(self.listed(), wanted)
        with open(self.path("turret.yaml"), encoding="utf-8") as file:
            text = file.read()
        self.write("turret.yaml", text.replace("every: 2", "every: 3"))
        self.assertIsNotNone(daemon.until("is in force"))
        self.stands_still(daemon, "another configuration")
        self.assertEqual(self.listed(), wanted)
        self.settle(daemon)

    def test_what_still_keeps_it(self):
        """A resume names the other scopes that are HALTED or KILLED and that it meets."""
        daemon = self.begin("")
        self.trades(daemon)
        self.set("strategy", "quoter", "halted")
        self.set("instrument", "BBB.fake", "halted")  # quoter is not on it
        self.set("account", "fake/USD", "cancel-only")
        self.assertEqual(self.turret("halt", "--venue", "fake", "--store", "store").returncode, DONE)
        self.wait(daemon, lambda: ("venue", "fake", "KILLED") in self.listed(), "its record")
        venue = "venue fake is still KILLED: turret resume venue fake --killed --reason TEXT"
        others = [f"{name} is still HALTED: turret resume {name} --reason TEXT"
                  for name in ("strategy quoter", "instrument BBB.fake")]
        done = self.set("all", "--killed", command="resume", code=PARTLY)
        self.assertEqual(done.stdout, "all: nothing to resume: it was ACTIVE\n")
        self.assertEqual(sorted(done.stderr.splitlines()),
                         sorted([venue, *others, "next: turret state"]))
        done = self.set("strategy", "quoter", command="resume")
        self.assertEqual(done.stdout, "strategy quoter: resumed: it was HALTED\n")
        self.assertEqual(done.stderr.splitlines(), [venue, "next: turret state"])
        done = self.turret("--json", "resume", "instrument", "CCC.fake", "--reason", "x", "--store",
                           "store")
        self.assertEqual(done.returncode, PARTLY, done.stderr)
        self.assertEqual([(row["scope"], row["name"], row["state"])
                          for row in json.loads(done.stdout)["still"]],
                         [("venue", "fake", "KILLED")])
        self.set("venue", "fake", "--killed", command="resume")
        self.set("instrument", "BBB.fake", command="resume")
        done = self.set("all", command="resume")
        self.assertEqual(done.stdout, "all: nothing to resume: it was ACTIVE\n")
        self.assertEqual(done.stderr, "next: turret state\n")  # CANCEL_ONLY is left otherwise
        self.settle(daemon)

    def test_not_while_the_venue_is_away(self):
        daemon = self.begin("")
        self.trades(daemon)
        self.set("all", "halted")
        self.set("strategy", "quoter", "halted")
        self.assertEqual(len(self.listed()), 2)
        self.venue.kill()
        self.venue.wait()
        self.wait(daemon, lambda: not self.status()["venues"][0]["ready"], "it is away")
        for scope in (("all",), ("strategy", "quoter")):
            done = self.set(*scope, command="resume", code=REFUSED)
            self.assertIn("venue fake is not ready (it is not connected: see what the daemon says of "
                          "it, or whether the venue is up); nothing is resumed before", done.stderr)
        self.assertEqual(len(self.listed()), 2)
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)

    def test_what_was_set_is_read(self):
        """Each command sees what the one before it did, however often they alternate."""
        daemon = self.begin("")
        self.trades(daemon)
        for number in range(25):
            self.set("strategy", "quoter", "cancel-only" if number % 2 else "reducing")
            self.assertEqual(self.listed(), [("strategy", "quoter",
                                              "CANCEL_ONLY" if number % 2 else "REDUCING")])
            self.set("strategy", "quoter", "active")
            self.assertEqual(self.listed(), [])
        self.settle(daemon)

    def test_a_start_says_what_holds_it(self):
        daemon = self.begin("")
        self.trades(daemon)
        done = self.turret("start", "quoter", "--store", "store")
        self.assertEqual((done.returncode, done.stderr), (DONE, "quoter: runs already\n"))
        self.wait(daemon, lambda: self.json("start", "quoter", "--store", "store").get(
            "ran_already") == ["quoter"], "that nothing waits for the disk")
        for command, word in (("pause", "paused"), ("stop", "stopped")):
            self.assertEqual(self.turret(command, "quoter", "--store", "store").stderr,
                             f"quoter: {word}\n")
            self.wait(daemon, lambda word=word: self.status()["strategies"][0][
                "state"] == word.upper(), word)
            done = self.turret("start", "quoter", "--store", "store")
            self.assertEqual((done.returncode, done.stderr), (DONE, "quoter: started\n"))
            self.wait(daemon, lambda: self.status()["strategies"][0]["state"] == "RUNNING", "start")
        scopes = (("all",), ("venue", "fake"), ("account", "fake/USD"), ("strategy", "quoter"),
                  ("instrument", "CCC.fake"))
        self.set("instrument", "BBB.fake", "halted")  # it is not on that one
        for scope in scopes:
            self.set(*scope, "halted")
        lines = self.turret("start", "quoter", "--store", "store").stderr.splitlines()
        self.assertEqual(lines[0], "quoter: runs already")
        for scope, line in zip(scopes, sorted(lines[1:-1], key=lambda line: [
                " ".join(scope) in line for scope in scopes], reverse=True)):
            self.assertRegex(line, f"^quoter: held: {' '.join(scope)} is HALTED since "
                                   r"[-0-9]{10}T[:0-9]{8}Z because a drill$")
        self.assertEqual((len(lines), lines[-1]), (7, "next: turret state"))
        held = self.json("start", "quoter", "--store", "store")["held"]
        self.assertEqual(len(held["quoter"]), 5)
        self.settle(daemon)

    def ask(self, daemon, request):
        """Asked while not a line of the daemon runs, and the kill switch is set in that time."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(20)
            daemon.kill(signal.SIGSTOP)
            self.assertEqual(self.turret("halt", "--store", "store").returncode, DONE)
            client.connect(self.path("store/control.sock"))
            client.sendall(json.dumps(request).encode() + b"\n")
            daemon.kill(signal.SIGCONT)
            with client.makefile("r", encoding="utf-8") as file:
                return json.loads(file.readline())

    def test_a_latch_that_is_not_recorded_yet(self):
        """What is decided right after the kill switch was set is of KILLED, and lifts it."""
        daemon = self.begin("")
        self.trades(daemon)
        for command in ("resume", "state") * 3:
            answer = self.ask(daemon, {"command": command, "scope": "all", "state": "reducing",
                                       "reason": "a drill", "who": "x"})
            self.assertRegex(answer.get("error", {"text": "done"})["text"],
                             "not recorded yet; ask again|it is KILLED")
            self.set("all", "halted", code=REFUSED)
            self.assertIn("it is KILLED", self.set("all", command="resume", code=REFUSED).stderr)
            self.set("all", "--killed", command="resume")
            self.assertEqual(self.json("state", "--store", "store"),
                             {"states": [], "stops": [], "kill_switch": [], "unrecorded": [],
                              "now": {"waits": [], "unprotected": [],
                                      "not_sent": []}})
        for _ in range(20):
            self.assertEqual(self.turret("halt", "--store", "store").returncode, DONE)
            self.set("all", "--killed", command="resume")
            self.assertEqual(self.listed(), [])
        self.settle(daemon)

    def test_killed_behind_a_resume(self):
        """
        KILLED again by another one's word before the resume of the first is on the disk: that
        stands, and the next resume is not kept waiting for the one that was overtaken.
        """
        daemon = self.begin("")
        self.trades(daemon)
        for command in ("resume", "flatten"):
            self.assertEqual(self.turret("halt", "--store", "store").returncode, DONE)
            self.wait(daemon, lambda: self.listed() == [("all", "", "KILLED")], "its record")
            daemon.kill(signal.SIGSTOP)  # both are taken up in one turn
            with socket.socket(socket.AF_UNIX) as first, socket.socket(socket.AF_UNIX) as second:
                for client, request in ((first, {"command": command, "killed": True}),
                                        (second, {"command": "state", "state": "killed"})):
                    client.settimeout(20)
                    client.connect(self.path("store/control.sock"))
                    client.sendall(json.dumps({"scope": "all", "reason": "a drill", "who": "x",
                                               **request}).encode() + b"\n")
                daemon.kill(signal.SIGCONT)
                for client in (first, second):
                    with client.makefile("r", encoding="utf-8") as file:
                        self.assertTrue(json.loads(file.readline())["ok"])
            self.wait(daemon, lambda: self.json("state", "--store", "store")["states"] and self.json(
                "state", "--store", "store")["states"][0]["reason"] == "a drill", "its record")
            self.assertEqual(self.json("state", "--store", "store")["kill_switch"], ["all"])
            self.set("all", "--killed", command="resume")
            self.assertEqual(self.listed(), [])
            self.assertEqual(self.json("state", "--store", "store")["kill_switch"], [])
        self.settle(daemon)

    def test_mistakes(self):
        daemon = self.begin("")
        for words, code in ((("strategy", "nobody", "halted"), INVALID),
                            (("desk", "x", "halted"), USAGE), (("all", "asleep"), USAGE),
                            (("all", "reducin"), USAGE),
                            (("strategy", "halted"), USAGE), (("all", "quoter", "halted"), USAGE)):
            self.set(*words, code=code)
        for words, lists in ((("strategy", "nobody"), "status"), (("instrument", "AAA"), "config show")):
            self.assertIn(f"turret {lists} lists them", self.set(*words, "halted", code=INVALID).stderr)
        for command, words in (("state", ("all", "halted")), ("resume", ("all",)),
                               ("reconcile", ("adopt", "fake", "AAA")),
                               ("reconcile", ("order", "1", "canceled"))):
            for reason in ((), ("--reason", ""), ("--reason", "x" * 47)):
                done = self.turret(command, *words, *reason, "--store", "store")
                self.assertEqual(done.returncode, USAGE, "no reason, or one too long, was taken")
                self.assertIn("--reason", done.stderr)
                self.assertIn("at most 46", done.stderr)
        self.assertEqual(self.listed(), [])
        done = self.turret("state", "all", "reducing", "--reason", "x" * 46, "--store", "store")
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.settle(daemon)


if __name__ == "__main__":
    unittest.main()
