"""What is measured on a million rows: made-up customers, how fast they are loaded and found (docs/bench.md)."""
