"""Numbers of the review: the vendor admin's. Reviewers and sellers are told so, partners learn of no such page."""

from tests.access.table import Row, answers

ROWS = [Row("registrations:numbers", get=answers(("erik", 200), ("noor lee beatriz operator", 403), others=404))]
