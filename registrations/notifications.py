"""Who is told what about a registration (product.md §8, fact sheet 2.4). The templates hold the words."""

from __future__ import annotations

from cosell.events.catalogue import Message

MESSAGES: tuple[Message, ...] = ()
