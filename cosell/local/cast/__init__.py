"""The cast: the same people, companies, customers and deals in tests, demo and docs."""

from cosell.local.cast.people import PASSWORD, SIGN_INS, load_people

__all__ = ["PASSWORD", "SIGN_INS", "load_people"]
