"""Pictures and pages of every result, each with its numbers as a table."""

from journeykit.view.tables import table_html, table_text

__all__ = ["table_html", "table_text"]
