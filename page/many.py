"""The answers to several files: a table on the page and a CSV file to keep."""

import csv
import io
from collections.abc import Callable, Sequence

import streamlit as st

from digits.client import Answer
from page.answer import percent_of
from page.asking import Outcome
from page.table import html_table
from page.texts import Texts
from page.upload import File


def show_many(files: Sequence[File], outcome: Callable[[bytes], Outcome], texts: Texts) -> list[Outcome]:
    """Ask about each file in turn, show how far it is, then all answers; they are returned too."""
    progress = st.progress(0.0, text=texts("many.progress", done=0, count=len(files)))
    outcomes: list[Outcome] = []
    for done, file in enumerate(files, start=1):
        outcomes.append(outcome(file.data))
        progress.progress(done / len(files), text=texts("many.progress", done=done, count=len(files)))
    progress.empty()
    rows = [[file.name, *_said(each, texts)] for file, each in zip(files, outcomes, strict=True)]
    head = [texts("many.file"), texts("many.digit"), texts("many.sure")]
    st.html(f'<div class="many" tabindex="0">{html_table("answers", head, rows)}</div>')
    st.download_button(
        texts("many.download"), as_csv(files, outcomes), "digits.csv", "text/csv", key="download", width="stretch"
    )
    return outcomes


def _said(outcome: Outcome, texts: Texts) -> tuple[str, str]:
    if not isinstance(outcome, Answer):
        return "–", texts(f"trouble.{outcome.name}")
    if outcome.prediction is None:
        return "–", texts(f"rejected.{outcome.rejected}")
    return str(outcome.prediction), percent_of(outcome.confidence, texts)


def as_csv(files: Sequence[File], outcomes: Sequence[Outcome]) -> str:
    """One line for each file, with the API's own words; spreadsheets tell by the first character that it is UTF-8."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["file", "prediction", "confidence", "rejected", "error"])
    for file, outcome in zip(files, outcomes, strict=True):
        if isinstance(outcome, Answer):
            prediction = "" if outcome.prediction is None else outcome.prediction
            writer.writerow([file.name, prediction, f"{outcome.confidence:.4f}", outcome.rejected or "", ""])
        else:
            writer.writerow([file.name, "", "", "", outcome.name])
    return "\ufeff" + table.getvalue()
