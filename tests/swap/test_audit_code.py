# SPDX-License-Identifier: Apache-2.0
"""
Shows that the audit tells of changes of code: what runs under each name at a start; each step of a
swap with its builds, and of a rollback, with the commands that asked for them; a build that was
refused, and why; what was blocked and unblocked, also without a daemon.
"""
import os
import unittest

from swap_rig import Case, build


class AuditOfCode(Case):
    def records(self, kind):
        return [record["fields"] for record in
                self.json("audit", "--all", "--kind", kind, "--store", "store")]

    def test_code(self):
        self.begin()
        self.trades_on("1.0.0")
        self.swap("v2", "--only", "one")
        self.swap("converter", code=3)
        self.assertEqual(self.plugin("rollback", "one", "--reason", "too late").returncode, 0)
        self.verified()
        one, two = self.build_id("v1"), self.build_id("v2")
        self.plugin("unblock", two[:8])
        self.plugin("block", two[:8], "--reason", "still\ntoo late")
        code = self.records("code")
        self.assertEqual({(row["instance"], row["plugin"], row["build"]) for row in code
                          if row["what"] == "runs" and row["plugin"] == "swap.counter"},
                         {("strategy one", "swap.counter", one),
                          ("strategy two", "swap.counter", one)})
        steps = [(row["what"], row["from_build"], row["to_build"]) for row in code
                 if row.get("instance") == "strategy one" and row["what"] != "runs"]
        self.assertEqual(steps[:2], [("prepared", one, two), ("committed", one, two)])
        self.assertIn("rolled back", [step[0] for step in steps])
        refused = [row["why"] for row in code if row["what"] == "refused"]
        self.assertTrue(any("converter" in why for why in refused), refused)
        self.assertTrue(any("too late" in row["why"] for row in code if row["what"] == "blocked"))
        commands = self.records("command")
        self.assertEqual([command["command"] for command in commands],
                         ["swap", "swap", "rollback", "unblock", "block"])
        self.assertIn(build("v2"), commands[0]["asked"])
        for command in commands[3:]:
            self.assertRegex(command["by"], rf"^uid {os.getuid()} pid \d+, without a daemon$")
            self.assertIn(two, command["asked"])
        self.assertIn("still\ntoo late", commands[4]["asked"])
        self.assertTrue(self.json("journal", "verify", "--store", "store")["good"])


if __name__ == "__main__":
    unittest.main()
