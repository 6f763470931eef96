"""Start and complete rows of one piece of work, joined to one event with a duration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journeykit.base.arguments import quoted
from journeykit.base.errors import NotFound

if TYPE_CHECKING:
    import pyarrow as pa

_LIFECYCLE = ("lifecycle:transition", "lifecycle", "registration_type", "lifecycle_id", "transition")
_INSTANCE = ("concept:instance", "activity_instance_id", "activity_instance", "handling_id")


def pair(
    table: pa.Table, *, case: str, touchpoint: str, time: str, end_time: str, column: str | None, notes: list[str]
) -> pa.Table:
    """The table with each start row and its complete row as one.

    Parameters
    ----------
    table : pyarrow.Table
        Case and touchpoint as text, time as ``timestamp[ns, UTC]``.
    case, touchpoint, time : str
        Names of columns.
    end_time : str
        Name of the new column: the time of the complete row, missing where a start has none yet.
    column : str or None
        Column that says start or complete; None looks for its usual names.
    notes : list of str
        What was joined is added here.

    Notes
    -----
    Inside a case, touchpoint and instance (when the log has one) a complete row ends the oldest start that is still
    open. A complete row without a start, and a row of another transition (schedule, suspend, …), is an event as it
    stands. With +1 for a start and −1 for a complete, a complete is unmatched exactly when the running sum falls
    below all earlier values and 0; the k-th start then belongs to the k-th matched complete. Sorting dominates: O(n
    log n).
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    column = column or next((name for name in _LIFECYCLE if name in table.column_names), None)
    if column is None or column not in table.column_names:
        raise NotFound(
            f"no column says which rows start and which complete (looked for {', '.join(_LIFECYCLE)}); name it: "
            "pair_lifecycle='column'"
        )
    instance = next((name for name in _INSTANCE if name in table.column_names), None)

    def text(name: str) -> pa.ChunkedArray:
        values = table[name]
        return pc.fill_null(values if pa.types.is_string(values.type) else values.cast(pa.string()), "\0")

    step = pc.utf8_lower(text(column))
    is_start, is_complete = pc.equal(step, "start"), pc.is_in(step, value_set=pa.array(["complete", "end"]))
    keys = [text(case), text(touchpoint)] + ([text(instance)] if instance else [])
    rows = pa.table(
        {
            "key": pc.binary_join_element_wise(*keys, "\x1f")
            .combine_chunks()
            .dictionary_encode()
            .indices.cast(pa.int64()),
            "time": table[time].combine_chunks(),
            "complete": is_complete.combine_chunks().cast(pa.int64()),
            "row": pa.array(range(table.num_rows), pa.int64()),
        }
    ).filter(pc.or_(is_start, is_complete))
    if rows.num_rows == 0:
        raise NotFound(
            f"column {quoted(column)} has no 'start' and no 'complete'; expected the lifecycle transitions of events"
        )
    # At equal times a start stands before a complete: work of no length is still work.
    rows = rows.sort_by([("key", "ascending"), ("time", "ascending"), ("complete", "ascending"), ("row", "ascending")])
    key, complete = rows["key"].combine_chunks(), rows["complete"].combine_chunks()
    change = pc.subtract(1, pc.multiply(2, complete))
    # Running sums restart at each key: keys are far enough apart that a later key is always below all earlier ones.
    barrier = pc.multiply(pc.rank(key, tiebreaker="dense").cast(pa.int64()), -2 * (rows.num_rows + 1))
    total = pc.cumulative_sum(change)
    first = _first_of_each(key)
    level = pc.add(pc.subtract(total, pc.take(pc.subtract(total, change), first)), barrier)
    before = pa.concat_arrays([pa.array([2**62], pa.int64()), pc.cumulative_min(level).slice(0, rows.num_rows - 1)])
    unmatched = pc.and_(pc.equal(complete, 1), pc.less(level, pc.min_element_wise(before, barrier)))
    matched = rows.append_column("level", level).filter(pc.invert(unmatched))
    starts = matched.filter(pc.equal(matched["complete"], 0))
    ends = matched.filter(pc.equal(matched["complete"], 1))
    starts = starts.append_column("k", _position(starts["key"].combine_chunks()))
    ends = ends.append_column("k", _position(ends["key"].combine_chunks()))
    joined = starts.join(
        ends.select(["key", "k", "time", "row"]), keys=["key", "k"], right_suffix="_end", join_type="inner"
    )
    end_of = pa.table({"row": joined["row"], "end": joined["time_end"]})
    closed = joined["row_end"].combine_chunks()

    number = pa.array(range(table.num_rows), pa.int64())
    ends_by_row = pc.take(end_of["end"].combine_chunks(), pc.index_in(number, end_of["row"].combine_chunks()))
    out = table.append_column(end_time, ends_by_row)
    notes.append(
        f"{len(closed):,} pairs of start and complete rows are one event each; {starts.num_rows - len(closed):,} "
        f"starts are still open (column {quoted(column)})"
    )
    return out.filter(pc.invert(pc.is_in(number, value_set=closed)))


def _first_of_each(key: pa.Array) -> pa.Array:
    """For each row of sorted keys the index of the first row of its key."""
    import pyarrow as pa
    import pyarrow.compute as pc

    n = len(key)
    index = pa.array(range(n), pa.int64())
    new = (
        pa.concat_arrays([pa.array([True]), pc.not_equal(key.slice(1), key.slice(0, n - 1))])
        if n
        else pa.array([], pa.bool_())
    )
    return pc.cumulative_max(pc.if_else(new, index, 0))


def _position(key: pa.Array) -> pa.Array:
    """Position of each row inside its key, from 0; keys are sorted."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.subtract(pa.array(range(len(key)), pa.int64()), _first_of_each(key))
