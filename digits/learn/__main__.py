"""Makes a model of believed corrections, and has it answer if it reads nothing worse and the corrections better.

    python -m digits.learn            # learn, judge, promote or refuse
    python -m digits.learn --back     # have the model before answer again

What people have taught the API (its database is DIGITS_DATABASE_URL's, or learnt/digits.sqlite3) is learnt from where
two profiles agree on a shape; one correction in five is set aside for ever to test with. Two candidates are made, a
memory for all and a copy of the project's model with its last layer fine-tuned, and judged on golden sets; a running
API takes the promoted one within two seconds. A report in learnt/reports says how each set was read, and why a
candidate was refused. The golden sets are downloaded, or taken from the folder that DIGITS_DATA_DIR names; besides
requirements.txt this needs tests/requirements.txt. It takes some five minutes.
"""

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from filelock import FileLock, Timeout

from digits.data.sources import DataSetError
from digits.evaluation.scores import FolderError
from digits.languages import language_of_this_machine
from digits.learn.batch import Batch, batch_of, labels_read
from digits.learn.candidate import candidates
from digits.learn.card import write_model
from digits.learn.folder import STAMP, forget_withdrawn, promote_and_tidy, tidy
from digits.learn.gate import MIN_MISREAD, Judgement, judge
from digits.learn.pictures import golden_sets
from digits.learn.pointer import LEARNT, go_back, promoted_folder
from digits.learn.report import reasons, report
from digits.model import ModelNotReadyError
from digits.recogniser import Recogniser, use_one_thread
from digits.store import DEFAULT_URL, Store, StoreError
from digits.texts import Texts

TEXTS: Final = Path(__file__).parent / "texts"
REPORTS: Final = "reports"
"""Folder of the reports, below that of what is learnt."""


def main() -> None:
    """Read the command line and learn, or go back."""
    texts = Texts(TEXTS, language_of_this_machine())
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--back", action="store_true", help="have the model that answered before answer again")
    address = os.environ.get("DIGITS_DATABASE_URL", DEFAULT_URL)
    parser.add_argument("--database", default=address, metavar="URL", help="sqlite:///FILE or postgresql://…")
    parser.add_argument("--folder", type=Path, default=LEARNT, help="of what is learnt (default: the project's)")
    parser.add_argument(
        "--share", type=float, default=1.0, help="of the slow golden sets, for a trial in another --folder"
    )
    wanted = parser.parse_args()
    if wanted.share != 1 and wanted.folder == LEARNT:
        parser.error(texts("share"))
    if not wanted.back and not wanted.database:
        parser.error(texts("off"))
    wanted.folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(wanted.folder / "learn.lock", timeout=0):
            if wanted.back:
                print(back(wanted.folder, texts))
            else:
                learn(Store.open(wanted.database), wanted.folder, wanted.share, texts)
    except Timeout:
        sys.exit(texts("in_use"))
    except (DataSetError, FolderError, ModelNotReadyError, OSError, StoreError) as error:
        sys.exit(texts("failed", reason=error))


def back(learnt: Path, texts: Texts) -> str:
    """Have the model before answer again, and say which that is."""
    if go_back(learnt) is None:
        sys.exit(texts("back.nothing"))
    tidy(learnt)
    folder = promoted_folder(learnt)
    return texts("back.own") if folder is None else texts("back.earlier", folder=folder)


def learn(store: Store, learnt: Path, share: float, texts: Texts) -> None:
    """Make candidates of what the store has, judge them, promote the better one that passes, and write the report.

    The program ends with the reason, as an error, where nothing is promoted.
    """
    use_one_thread()
    forgotten = forget_withdrawn(store, learnt)
    own = Recogniser.load()
    folder = promoted_folder(learnt)
    answering = own if folder is None else Recogniser.load(folder)
    batch = batch_of(own.model, store.believed())
    judged: dict[str, Judgement] = {}
    written: Path | None = None
    if (verdict := _unfit(batch, answering, texts)) is None:
        made = candidates(own, batch)
        before = [answering] if answering is own else [answering, own]
        readers = {name: candidate.recogniser for name, candidate in made.items()}
        judged = judge(readers, before, batch.test, golden_sets(share))
        best = max(judged, key=lambda name: (judged[name].passes, judged[name].kept_out.now))
        if judged[best].passes:
            written = write_model(learnt, made[best].change, judged[best], made[best].about | _about(batch))
            promote_and_tidy(written, learnt)
            verdict = texts("promoted", candidate=texts(f"candidate.{best}"), folder=written)
        else:
            why = (f"{texts(f'candidate.{name}')}: {reasons(each, texts)}" for name, each in judged.items())
            verdict = " ".join([texts("refused.all"), *why])
    told = report(verdict, batch, forgotten, judged, texts)
    print(told, texts("report.written", path=_kept(told, learnt)), sep="\n")
    if written is None:
        sys.exit(verdict)


def _unfit(batch: Batch, answering: Recogniser, texts: Texts) -> str | None:
    """Why nothing can be learnt of a batch, before any candidate is made; None where something can."""
    if batch.is_contradictory:
        return texts("refused.contradictory", count=len(batch.contradicted), of=batch.count - len(batch.test))
    if not len(batch.learn):
        return texts("refused.nothing")
    misread = np.count_nonzero(labels_read(answering, batch.test.pictures) != batch.test.labels)
    return texts("refused.too_few", misread=misread, needed=MIN_MISREAD) if misread < MIN_MISREAD else None


def _about(batch: Batch) -> dict[str, int]:
    """What the card says of a batch."""
    return {"digits": len(batch.learn), "profiles": batch.profiles}


def _kept(told: str, learnt: Path) -> Path:
    """Where the report lies now."""
    path = learnt / REPORTS / f"{datetime.now(UTC).strftime(STAMP)}.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(told, "utf-8")
    return path


if __name__ == "__main__":
    main()
