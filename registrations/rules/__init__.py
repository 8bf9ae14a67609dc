"""May this happen? Every "no" is a list of reasons: a code, a sentence, what would meet it (product.md §7)."""
