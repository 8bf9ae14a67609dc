"""How handing over a delivery went, whichever way it goes."""

from dataclasses import dataclass
from datetime import timedelta

from cosell.events.enums import DeliveryState


@dataclass(frozen=True)
class Outcome:
    """`state` is SENT, RETRY (not now), FAILED (not ever) or CANCELLED (not any more); `words` say why.

    `wait`: the other side said when to come again. `broke_off`: it had better be left alone for a while.
    `is_unknown`: it fell silent, so it may have taken what is tried again. `bad_address`: the one that it refused.
    """

    state: DeliveryState
    words: str = ""
    wait: timedelta | None = None
    broke_off: bool = False
    is_unknown: bool = False
    bad_address: str = ""


SENT = Outcome(DeliveryState.SENT)
