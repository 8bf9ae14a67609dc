"""What the deals add to the admin: deals and their teams, what happened and what was sent, personal data."""

from deals.admin import deals, personal_data, routing, told

__all__ = ["deals", "personal_data", "routing", "told"]
