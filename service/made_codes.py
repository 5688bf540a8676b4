"""How many profiles and classes each machine makes: in memory alone, as no address is ever kept."""

import time
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Final

from fastapi import Request

from service.problems import ProblemError
from service.recent import Recent

HOUR: Final = 3600.0

MAX_MACHINES: Final = 10_000
"""So many are told apart; of more, those that made something the longest ago begin anew."""

OWN_NETWORK: Final = 64
"""Bits of an IPv6 address that its network is known by: the others a machine chooses for itself."""


class MadeCodes:
    """Counts for an hour from the first on, then anew; each process of the API for itself."""

    def __init__(self, per_hour: int) -> None:
        self._per_hour = per_hour
        self._made = Recent[tuple[float, int]](MAX_MACHINES)

    def count(self, request: Request) -> None:
        """One more is made by the machine that asks; raises ProblemError (too-many-codes)."""
        machine, now = _machine_of(request), time.monotonic()
        since, made = self._made.get(machine) or (now, 0)
        if now >= since + HOUR:
            since, made = now, 0
        if made >= self._per_hour:
            raise ProblemError("too-many-codes", retry_after=ceil(since + HOUR - now), limit=str(self._per_hour))
        self._made.put(machine, (since, made + 1))


def _machine_of(request: Request) -> str:
    host = "" if request.client is None else request.client.host
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return f"network {int(address) >> (128 - OWN_NETWORK):x}"
    return host
