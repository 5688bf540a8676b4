"""The answers to several files: a table on the page and a CSV file to keep."""

import csv
import io
from collections.abc import Sequence

import streamlit as st

from client import in_one_line
from digits.answers import DigitAnswer, NumberAnswer
from digits.csv_cells import harmless, harmless_number
from digits.texts import Texts
from page.answer import percent_of, rejection_name
from page.asking import Outcome
from page.table import html_table
from page.upload import File


def show_many(files: Sequence[File], outcomes: Sequence[Outcome], texts: Texts) -> None:
    """The outcome for each file in a table, and the same table to keep."""
    rows = [[file.name, *_said(each, texts)] for file, each in zip(files, outcomes, strict=True)]
    said = texts("many.number") if any(isinstance(each, NumberAnswer) for each in outcomes) else texts("many.digit")
    head = [texts("many.file"), said, texts("many.sure")]
    st.html(f'<div class="many" tabindex="0">{html_table("answers", head, rows)}</div>')
    st.download_button(
        texts("many.download"), as_csv(files, outcomes), "digits.csv", "text/csv", key="download", width="stretch"
    )


def _said(outcome: Outcome, texts: Texts) -> tuple[str, str]:
    match outcome:
        case DigitAnswer(rejected=None):
            return str(outcome.prediction), percent_of(outcome.confidence, texts)
        case NumberAnswer(rejected=None):
            return in_one_line(outcome), percent_of(outcome.confidence, texts)
        case DigitAnswer() | NumberAnswer():
            return "–", texts(f"rejected.{rejection_name(outcome)}")
    return "–", outcome.title


def as_csv(files: Sequence[File], outcomes: Sequence[Outcome]) -> str:
    """One line for each file, with the API's own words; spreadsheets tell by the first character that it is UTF-8."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["file", "prediction", "confidence", "rejected", "error"])
    for file, outcome in zip(files, outcomes, strict=True):
        name = harmless(file.name)
        match outcome:
            case DigitAnswer():
                prediction = "" if outcome.prediction is None else str(outcome.prediction)
                writer.writerow([name, prediction, f"{outcome.confidence:.4f}", outcome.rejected or "", ""])
            case NumberAnswer(rejected=None):
                prediction = harmless_number(in_one_line(outcome))
                writer.writerow([name, prediction, f"{outcome.confidence:.4f}", "", ""])
            case NumberAnswer():
                writer.writerow([name, "", "", outcome.rejected, ""])
            case _:
                writer.writerow([name, "", "", "", outcome.kind])
    return "\ufeff" + table.getvalue()
