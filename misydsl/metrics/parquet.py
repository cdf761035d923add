"""DataFrames as Parquet files.

In: a DataFrame and a path. Out: a file that keeps every dtype. The package that writes it is an extra, and
this says so where it is missing.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from misydsl.failures import MisyError

if TYPE_CHECKING:
    import pandas as pd


def write_parquet(table: pd.DataFrame, path: Path) -> None:
    """Write the table. Raises: `MisyError` without `pyarrow`, or where nothing can be written."""
    if find_spec("pyarrow") is None:
        raise MisyError("Parquet files need the package pyarrow: pip install 'misydsl[parquet]'")
    try:
        table.to_parquet(path, engine="pyarrow", index=False)
    except OSError as problem:
        raise MisyError(f"{path} cannot be written: {problem.strerror or problem}") from problem
