"""What came of learning, for people to read: a report in Markdown."""

from collections.abc import Mapping
from datetime import UTC, datetime

from digits.learn.batch import Batch
from digits.learn.gate import ALL_DIGITS, ALL_NO_DIGITS, KEPT_OUT, Comparison, Judgement
from digits.texts import Texts

NAMED = ("mnist", "pen_digits", "unipen", "letters", "things", "numbers", KEPT_OUT, ALL_DIGITS, ALL_NO_DIGITS)
"""Sets that have a name in every language; others are called as their folder is."""

MAX_NAMED = 50
"""Numbers of contradicted corrections that are told."""


def report(verdict: str, batch: Batch, forgotten: int, judged: Mapping[str, Judgement], texts: Texts) -> str:
    """The report.

    Args:
        verdict: what was decided and why, in one sentence or a few.
        batch: what was learnt from.
        forgotten: how many digits that are no longer believed were taken out of earlier models.
        judged: the candidates by name.
        texts: of the report.

    """
    lines = [
        f"# {texts('report.title', when=datetime.now(UTC).strftime('%Y-%m-%d %H:%M UTC'))}",
        verdict,
        _of_batch(batch, texts),
    ]
    if batch.contradicted:
        told = ", ".join(map(str, batch.contradicted[:MAX_NAMED])) + (", …" if batch.contradicted[MAX_NAMED:] else "")
        lines.append(texts("report.contradicted", count=len(batch.contradicted), numbers=told))
    if forgotten:
        lines.append(texts("report.forgotten", count=forgotten))
    for name, judgement in judged.items():
        lines += [f"## {texts(f'candidate.{name}')}", _table(judgement, texts)]
    return "\n\n".join(lines) + "\n"


def _of_batch(batch: Batch, texts: Texts) -> str:
    return texts(
        "report.batch",
        count=batch.count,
        profiles=batch.profiles,
        learn=len(batch.learn),
        test=len(batch.test),
        alone=batch.alone,
    )


def _table(judgement: Judgement, texts: Texts) -> str:
    rows = [_row(judgement.kept_out, texts), *(_row(each, texts) for each in judgement.golden)]
    return "\n".join([texts("report.head"), "|---|---:|---:|---:|---:|---:|---:|---|", *rows])


def _row(found: Comparison, texts: Texts) -> str:
    outcome = "loses" if found.loses else "wins" if found.wins else "same"
    cells = [
        called(found, texts),
        f"{found.count:,}",
        f"{found.before:,}",
        f"{found.now:,}",
        str(found.fixed),
        str(found.broken),
        f"{found.chance:.3f}",
        texts(f"outcome.{outcome}"),
    ]
    return f"| {' | '.join(cells)} |"


def called(found: Comparison, texts: Texts) -> str:
    """What people call the set."""
    return texts(f"set.{found.name}") if found.name in NAMED else found.name


def reasons(judgement: Judgement, texts: Texts) -> str:
    """Why a candidate is refused."""
    lost = [called(each, texts) for each in judgement.golden if each.loses]
    told = [texts("refused.loses", sets=", ".join(dict.fromkeys(lost)))] if lost else []
    if not judgement.kept_out.wins:
        told.append(texts("refused.no_gain", fixed=judgement.kept_out.fixed, broken=judgement.kept_out.broken))
    return " ".join(told)
