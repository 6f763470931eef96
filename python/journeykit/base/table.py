"""The number twin of every result: an immutable table that any dataframe library reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from journeykit.base.errors import Unsupported

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from journeykit import _core


class Table:
    """Immutable rows of a result.

    Read it with :meth:`to_arrow`, :meth:`to_pandas`, :meth:`to_polars`, :meth:`rows`, or hand it to anything that
    takes an Arrow stream (``polars.DataFrame(t)``, ``duckdb.sql("from t")`` after ``to_arrow``,
    ``pyarrow.table(t)``).
    """

    __slots__ = ("_arrow", "_core")

    _between = ", "  # what stands between the items of a list in a picture of the table

    def __init__(self, core: _core.Table | None = None, *, arrow: pa.Table | None = None) -> None:
        self._core = core
        self._arrow = arrow

    def to_arrow(self) -> pa.Table:
        """The rows as a ``pyarrow.Table``."""
        if self._arrow is None:
            import pyarrow as pa

            self._arrow = pa.table(self._core)
        return self._arrow

    def to_pandas(self) -> pd.DataFrame:
        """The rows as a ``pandas.DataFrame`` (extra ``journeykit[pandas]``)."""
        try:
            import pandas  # noqa: F401
        except ImportError as missing:
            raise Unsupported(
                "to_pandas() needs pandas: pip install 'journeykit[pandas]', or use to_arrow()"
            ) from missing
        return self.to_arrow().to_pandas()

    def to_polars(self) -> pl.DataFrame:
        """The rows as a ``polars.DataFrame`` (extra ``journeykit[polars]``)."""
        try:
            import polars
        except ImportError as missing:
            raise Unsupported(
                "to_polars() needs polars: pip install 'journeykit[polars]', or use to_arrow()"
            ) from missing
        frame = polars.from_arrow(self.to_arrow())
        assert isinstance(frame, polars.DataFrame)
        return frame

    def rows(self) -> list[dict[str, Any]]:
        """The rows as dictionaries, in order; missing values are ``None``."""
        return list(self.to_arrow().to_pylist())

    @property
    def column_names(self) -> list[str]:
        """Names of the columns, in order."""
        return list(self._core.column_names if self._core is not None else self.to_arrow().column_names)

    def __len__(self) -> int:
        return self._core.row_count if self._core is not None else self.to_arrow().num_rows

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def __getstate__(self) -> dict[str, Any]:
        slots = [name for kind in type(self).__mro__ for name in getattr(kind, "__slots__", ()) if hasattr(self, name)]
        return {**{name: getattr(self, name) for name in slots}, "_arrow": self.to_arrow(), "_core": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)

    def _repr_html_(self) -> str:
        from journeykit.view import table_html

        return table_html(self)

    def __repr__(self) -> str:
        from journeykit.view import table_text

        return table_text(self)
