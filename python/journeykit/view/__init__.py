"""Pictures and pages of every result, each with its numbers as a table."""

from journeykit.view.figures import card_html, flow_svg, map_html, map_svg, page_html, save_map
from journeykit.view.logs import log_html
from journeykit.view.tables import table_html, table_text
from journeykit.view.tornado import tornado_html

__all__ = [
    "card_html",
    "flow_svg",
    "log_html",
    "map_html",
    "map_svg",
    "page_html",
    "save_map",
    "table_html",
    "table_text",
    "tornado_html",
]
