"""A CSV file as a DataFrame, where pandas is installed."""

from __future__ import annotations

import io
from typing import Any

from nbagent.tools.with_pandas import pandas

__all__ = ["data_frame"]

SEPARATORS = {"csv": ",", "tsv": "\t", "tab": "\t"}


def data_frame(name: str, data: bytes) -> Any | None:
    """The table in a file; None if it is no CSV or TSV, cannot be read as one, or without pandas.

    Args:
        name: The file's name, whose suffix says what it is.
        data: The bytes.
    """
    separator = SEPARATORS.get(name.rpartition(".")[2].lower())
    library = pandas() if separator is not None else None
    if library is None:
        return None
    try:
        frame = library.read_csv(io.BytesIO(data), sep=separator)
        if separator == "," and len(frame.columns) == 1 and b";" in data.partition(b"\n")[0]:
            # As spreadsheets write it where the comma is the decimal point.
            frame = library.read_csv(io.BytesIO(data), sep=";", decimal=",")
    except ValueError:
        return None  # pandas' own errors are such, too: it is then what it is besides, text
    return frame if len(frame.columns) else None
