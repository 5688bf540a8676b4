"""Answers as plain text, for whoever asks for that: a digit, or the lines of a number, and nothing else."""

from typing import Final

from fastapi import Request

from digits.answers import DigitAnswer, NumberAnswer, NumberLine

TEXT: Final = "text/plain"


def wants_text(request: Request) -> bool:
    """Whether the caller prefers plain text to JSON by its Accept (RFC 9110, 12.5.1); JSON where it likes both."""
    accepted = request.headers.get("accept", "").lower()
    if TEXT not in accepted:
        return False
    weights: dict[str, float] = {}
    for choice in accepted.split(","):
        media_range, *parameters = (part.strip() for part in choice.split(";"))
        weight = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        try:
            weights.setdefault(media_range, float(weight))
        except ValueError:
            continue
    others = (weights[name] for name in ("application/json", "application/*", "*/*") if name in weights)
    return weights.get(TEXT, 0.0) > next(others, 0.0)


def as_text(answer: DigitAnswer | NumberAnswer) -> str:
    """The digit; or what was read, line by line, cells with tabs between them; or in one word why there is none."""
    match answer:
        case DigitAnswer(rejected=None):
            return str(answer.prediction)
        case NumberAnswer(rejected=None):
            return "\n".join(
                row.text if isinstance(row, NumberLine) else "\t".join(_in_one_line(cell.text) for cell in row)
                for row in answer.rows
            )
    return str(answer.rejected)


def _in_one_line(text: str) -> str:
    return text.replace("\n", " ")
