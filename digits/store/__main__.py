"""Moves what people taught into another database, as from SQLite into PostgreSQL where one machine is outgrown.

    python -m digits.store --copy-to postgresql://USER:PASSWORD@HOST/NAME

Stop the API before, lest something is taught that stays behind. Everything is copied, codes, numbers and times too,
into a database that is empty; the one that is copied from stays as it is. It works the other way round as well.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Final

from digits.languages import language_of_this_machine
from digits.store import DEFAULT_URL, StoreError
from digits.store.copying import NotEmptyError, copy_all
from digits.store.database import Database
from digits.texts import Texts

TEXTS: Final = Path(__file__).parent / "texts"


def main() -> None:
    """Read the command line and copy."""
    parser = argparse.ArgumentParser(
        "python -m digits.store", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    address = os.environ.get("DIGITS_DATABASE_URL", DEFAULT_URL)
    parser.add_argument("--copy-to", required=True, metavar="URL", help="sqlite:///FILE or postgresql://…, empty yet")
    parser.add_argument("--database", default=address, metavar="URL", help="what is copied (default: the API's own)")
    chosen = parser.parse_args()
    texts = Texts(TEXTS, language_of_this_machine())
    if not chosen.database:
        parser.error(texts("off"))
    try:
        source, target = Database(chosen.database), Database(chosen.copy_to)
        try:
            copied = copy_all(source, target)
        finally:
            source.close()
            target.close()
    except NotEmptyError:
        sys.exit(texts("not_empty"))
    except StoreError as error:
        sys.exit(texts("failed", reason=error))
    if not any(copied.values()):
        sys.exit(texts("nothing"))
    print(texts("copied", **copied))


if __name__ == "__main__":
    main()
