"""Notes for sellers, drafted: by a language model if there is one, else from the inputs alone (product.md §5).

`draft_notes` makes a draft as it comes, `from_wizard` and `from_deal` say what it is made of, and an `Offer` is a
draft that a page holds. What a person writes is never touched by any of it (docs/notes-drafting.md).
"""

from deals.notes.drafting import Draft, draft_notes
from deals.notes.inputs import Input, from_deal, from_wizard
from deals.notes.offer import Offer, used_by

__all__ = ["Draft", "Input", "Offer", "draft_notes", "from_deal", "from_wizard", "used_by"]
