# SPDX-License-Identifier: Apache-2.0
"""What every reading here raises for an input that it does not accept."""


class Refused(Exception):
    pass


def need(held, why):
    if not held:
        raise Refused(why)
