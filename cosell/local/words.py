"""Make the .mo files from the translations, by Babel: a fresh machine may lack gettext's tools.

`python -m cosell.local.words`
"""

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parents[2] / "locale"


def compile_all(folder: Path = LOCALE) -> int:
    """Make each .mo that is older than its .po; say how many."""
    stale = [po for po in folder.glob("*/LC_MESSAGES/*.po") if _is_stale(po)]
    for po in stale:
        with po.open("rb") as source:
            catalog = read_po(source, locale=po.parts[-3])
        half = po.with_suffix(f".{os.getpid()}")
        with half.open("wb") as target:
            write_mo(target, catalog)
        half.rename(po.with_suffix(".mo"))  # at once, somebody may be reading
    return len(stale)


def _is_stale(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime


if __name__ == "__main__":
    compile_all()
