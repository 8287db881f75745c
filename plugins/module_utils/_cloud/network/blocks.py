# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Blocks of IPv4 addresses as whole numbers: what is free, and where a block fits best. Pure."""

from __future__ import annotations

import ipaddress
import typing as t


class Block(t.NamedTuple):
    """An aligned range whose size is a power of two."""

    start: int
    size: int

    @property
    def end(self) -> int:
        return self.start + self.size

    @property
    def prefix(self) -> int:
        return prefix_for(self.size)

    def __str__(self) -> str:
        return f"{ipaddress.IPv4Address(self.start)}/{self.prefix}"

    def overlaps(self, other: Block) -> bool:
        return self.start < other.end and other.start < self.end

    def holds(self, other: Block) -> bool:
        return self.start <= other.start and other.end <= self.end


def block(text: str) -> Block:
    """Return the block of a legal range (``rules.cidr`` said so)."""
    network = ipaddress.IPv4Network(text)
    return Block(int(network.network_address), network.num_addresses)


def prefix_for(addresses: int) -> int:
    """Return the longest prefix of which a block holds so many addresses."""
    return 32 - max(0, addresses - 1).bit_length()


def size_of(prefix: int) -> int:
    return 1 << (32 - prefix)


def aligned(start: int, end: int) -> t.Iterator[Block]:
    """Yield the fewest blocks that cover the addresses from start up to, not including, end."""
    while start < end:
        alignment = start & -start or 1 << 32
        size = min(alignment, 1 << ((end - start).bit_length() - 1))
        yield Block(start, size)
        start += size


def free_blocks(whole: t.Iterable[Block], taken: t.Iterable[Block]) -> list[Block]:
    """Return what of the whole blocks no taken block touches, by address."""
    used = sorted(taken)
    free: list[Block] = []
    for area in sorted(whole):
        at = area.start
        for one in used:
            if one.overlaps(area):
                free += aligned(at, max(at, one.start))
                at = max(at, one.end)
        free += aligned(at, max(at, area.end))
    return free


def best_fit(free: t.Iterable[Block], size: int) -> Block | None:
    """Return the smallest free block that holds so many addresses, the lowest of those."""
    fitting = [one for one in free if one.size >= size]
    return min(fitting, key=lambda one: (one.size, one.start)) if fitting else None


def take(free: list[Block], size: int) -> Block | None:
    """Take a block out of the free ones, where it fits best; None if it fits nowhere."""
    chosen = best_fit(free, size)
    if chosen is None:
        return None
    free.remove(chosen)
    free += aligned(chosen.start + size, chosen.end)
    free.sort()
    return Block(chosen.start, size)
