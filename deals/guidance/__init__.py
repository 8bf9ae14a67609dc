"""What helps while a deal is being typed; it refuses nothing (product.md §5).

Advice, likely duplicates (`deals.conflicts`), the person's other drafts, similar past deals (`deals.similar`).
"""

from deals.guidance.advice import Advice, advice
from deals.guidance.beside import STEPS_WITH_GUIDANCE, Beside, beside
from deals.guidance.typed import Typed

__all__ = ["STEPS_WITH_GUIDANCE", "Advice", "Beside", "Typed", "advice", "beside"]
