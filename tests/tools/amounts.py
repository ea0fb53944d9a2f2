# SPDX-License-Identifier: Apache-2.0
"""How much of something a campaign is to do: less than one would be nothing, which differs nowhere."""
import argparse


def amount(text):
    """The type of such an argument; refused with exit code 2."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"a whole number of at least 1 is needed, not '{text}'")
    return number
