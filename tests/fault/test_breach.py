# SPDX-License-Identifier: Apache-2.0
"""
Shows that an adapter which breaks its contract has proven nothing: of each third order that it sends
its submit() answers a number that is no status, or EFAULT. No such order is refused or sent again;
the venue's log and the books agree in the end, and the journal does it all again.
"""
import unittest

from venue_rig import VenueCase

EFAULT = -15


class Breach(VenueCase):
    answer = 0

    def write(self, name, text):
        super().write(name, text.replace("answer_ms: 60",
                                         f"answer_ms: 60, odd_answer: {self.answer}"))

    def odd(self):
        """Of the orders that reached the venue those of which it was not said so."""
        return [words[0] for words in self.lines("ORDER") if int(words[0]) % 3 == 0]

    def test_what_proves_nothing(self):
        for self.answer in (1, EFAULT):
            with self.subTest(self.answer):
                self.again(str(self.answer))
                self.trade("after tick 1000000: mute",
                           lambda counts: counts["FILL"] > 20 and len(self.odd()) > 10)
                states = {str(order["id"]): order["state"] for order in self.orders()}
                self.assertNotIn("REJECTED", {states[number] for number in self.odd()})
                self.assert_calm()


if __name__ == "__main__":
    unittest.main()
