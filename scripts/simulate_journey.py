"""A simulated service journey of an online shop for phones and contracts, with failures planted on purpose.

One customer wants one thing per case: looks, orders, pays, receives it, and some need help. What goes wrong too often
is written down in the truth, so that whoever analyses the log can be checked. All draws come from
`random.Random(seed).random()`, whose sequence Python guarantees, so that the file is the same everywhere. Nothing
here is measured on real people.
"""

from __future__ import annotations

import json
import math
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SEED = 20260105
CASES = 6_000
CUSTOMERS = 4_000
START = datetime(2026, 1, 5, tzinfo=UTC)
END = datetime(2026, 6, 29, tzinfo=UTC)  # observation ends: later events are not known
REGIONS = (("North", 0.3), ("South", 0.3), ("East", 0.2), ("West", 0.2))
CHANNELS = (("app", 0.45), ("web", 0.40), ("store", 0.15))
STAGES = {
    "advert": "Discover",
    "product page": "Discover",
    "compare plans": "Discover",
    "basket": "Buy",
    "checkout": "Buy",
    "payment": "Pay",
    "order confirmed": "Pay",
    "dispatch": "Deliver",
    "delivery": "Deliver",
    "IVR menu": "Support",
    "call": "Support",
    "chat": "Support",
    "e-mail": "Support",
    "refund request": "Support",
    "refund paid": "Support",
    "solved": "Support",
}
DEPARTMENTS = {
    "Discover": "Marketing",
    "Buy": "Shop",
    "Pay": "Payments",
    "Deliver": "Logistics",
    "Support": "Customer service",
}
# Planted failures: when, where and how much worse than the rest.
PAYMENT = {
    "since": datetime(2026, 3, 2, tzinfo=UTC),
    "until": datetime(2026, 4, 27, tzinfo=UTC),
    "leave": 0.55,
    "again": 0.5,
}
LATE = {
    "since": datetime(2026, 2, 9, tzinfo=UTC),
    "until": datetime(2026, 3, 30, tzinfo=UTC),
    "contact": 0.7,
    "lost": 0.3,
}
LOOP = {"pass_on": 0.7, "pass_back": 0.6, "lost": 0.3}
MENU = {"hang_up": 0.25}
REFUND = {"days": (14, 30), "ask": 0.7, "lost": 0.35}
USUAL = {"payment_fails": 0.03, "payment_leaves": 0.3, "looks_only": 0.03, "leaves_basket": 0.03, "lost": 0.03}

# Theme and whether it went well → two English and two Chinese sentences.
WORDS = {
    ("payment", 0): (
        "The payment page kept loading and then nothing.",
        "I tried to pay twice, still unsure whether it worked.",
        "付款页面一直转圈，没有反应。",
        "付了两次，不知道成功没有。",
    ),
    ("payment", 1): ("Paying was quick.", "Easy checkout.", "付款很快。", "结账很方便。"),
    ("delivery", 0): (
        "Promised in three days, it took almost two weeks.",
        "Nobody could tell me where the parcel was.",
        "说好三天，等了快两个星期。",
        "没人知道包裹在哪里。",
    ),
    ("delivery", 1): ("Arrived on time, well packed.", "Friendly courier.", "按时送到，包装很好。", "快递员很客气。"),
    ("chat", 0): (
        "Chat sent me to the phone, the phone sent me back to chat.",
        "I had to explain everything again.",
        "在线客服让我打电话，电话又让我找在线客服。",
        "每次都要重新说一遍。",
    ),
    ("chat", 1): ("Solved in one chat.", "Clear answer, thank you.", "一次就解决了。", "回答很清楚，谢谢。"),
    ("IVR menu", 0): (
        "Far too many menus before a person answers.",
        "Pressed 4, then 2, then was cut off.",
        "菜单太多，找不到人工。",
        "按了半天又断线了。",
    ),
    ("IVR menu", 1): ("Found the right option.", "Fine.", "很快转到人工。", "可以。"),
    ("refund", 0): (
        "I have been waiting for my money for weeks.",
        "Third time I ask about this refund.",
        "退款等了好几个星期。",
        "第三次问退款了。",
    ),
    ("refund", 1): ("The refund came within days.", "Refund was easy.", "退款几天就到了。", "退款很顺利。"),
}

Row = dict[str, object]


class Draws:
    """Numbers from uniform draws alone, so that no library version can change them."""

    def __init__(self, seed: int) -> None:
        self._uniform = random.Random(seed).random

    def chance(self, share: float) -> bool:
        return self._uniform() < share

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self._uniform()

    def whole(self, low: int, high: int) -> int:
        return low + int(self._uniform() * (high - low + 1))

    def one_of(self, weighted: Sequence[tuple[str, float]]) -> str:
        u, total = self._uniform(), 0.0
        for value, weight in weighted:
            total += weight
            if u < total:
                return value
        return weighted[-1][0]

    def wait(self, mean: timedelta) -> timedelta:
        """Exponential, at most six times its mean, whole seconds."""
        return timedelta(seconds=round(min(-math.log(1 - self._uniform()), 6.0) * mean.total_seconds()))


class Case:
    """One journey while it is written down."""

    def __init__(self, number: int, draws: Draws) -> None:
        self.draws = draws
        customer = draws.whole(1, CUSTOMERS) if number > CUSTOMERS else number
        known = Draws(SEED * 31 + customer)  # what stays the same for one customer
        self.shared: Row = {
            "case_id": f"J{number:05d}",
            "customer_id": f"C{customer:05d}",
            "region": known.one_of(REGIONS),
            "tier": known.one_of((("standard", 0.7), ("silver", 0.2), ("gold", 0.1))),
            "language": known.one_of((("en", 0.65), ("zh", 0.35))),
        }
        self.channel = draws.one_of(CHANNELS)
        self.amount = round(draws.between(15, 900), 2)
        self.time = START + timedelta(seconds=int(draws.between(0, (END - START).total_seconds())))
        self.rows: list[Row] = []
        self.planted: set[str] = set()

    def event(
        self, touchpoint: str, *, channel: str | None = None, minutes: float = 0.0, agent: str = "", issue: str = ""
    ) -> Row:
        stage = STAGES[touchpoint]
        row: Row = {
            **self.shared,
            "touchpoint": touchpoint,
            "time": self.time,
            "end_time": self.time + timedelta(seconds=round(minutes * 60)),
            "channel": channel or self.channel,
            "department": "Finance" if touchpoint.startswith("refund") else DEPARTMENTS[stage],
            "agent": agent,
            "issue": issue,
            "amount": "",
            "nps": "",
            "csat": "",
            "ces": "",
            "text": "",
            "outcome": "",
        }
        self.rows.append(row)
        self.time = max(self.time, row["end_time"])  # type: ignore[call-overload]
        return row

    def pause(self, mean: timedelta) -> None:
        self.time += timedelta(seconds=20) + self.draws.wait(mean)

    def answer(self, row: Row, share: float, theme: str, good: bool, metric: str) -> None:
        """A survey answer to this event, from a share of the customers; some add a sentence in their language."""
        draws = self.draws
        answered, mood, writes, which = draws.chance(share), draws.between(0, 1), draws.chance(0.6), draws.whole(0, 1)
        if not answered:
            return
        scale: dict[str, Callable[[], int]] = {
            "nps": lambda: 9 + (mood > 0.5) if good and mood > 0.35 else 7 + (mood > 0.2) if good else int(mood * 7),
            "csat": lambda: 4 + (mood > 0.5) if good and mood > 0.15 else 3 if good else 1 + int(mood * 2.6),
            "ces": lambda: 6 + (mood > 0.5) if good and mood > 0.15 else 5 if good else 1 + int(mood * 3.2),
        }
        row[metric] = scale[metric]()
        if writes:
            words = WORDS[theme, int(good)]
            row["text"] = words[which + (2 if self.shared["language"] == "zh" else 0)]

    def close(self, outcome: str) -> None:
        self.rows[-1]["outcome"] = outcome


def simulate(number: int, draws: Draws) -> Case:
    case = Case(number, draws)
    if draws.chance(0.3):
        case.event("advert", channel="social")
        case.pause(timedelta(hours=6))
    for _ in range(draws.whole(1, 2)):
        case.event("product page", minutes=draws.between(0.5, 4))
        case.pause(timedelta(minutes=8))
    if draws.chance(0.4):
        case.event("compare plans", minutes=draws.between(1, 6))
        case.pause(timedelta(minutes=12))
    if draws.chance(USUAL["looks_only"]):
        return case
    case.event("basket", minutes=draws.between(0.3, 2))
    case.pause(timedelta(minutes=5))
    if draws.chance(USUAL["leaves_basket"]):
        return case
    checkout = case.event("checkout", minutes=draws.between(1, 5))
    case.answer(checkout, 0.03, "payment", draws.chance(0.85), "ces")
    case.pause(timedelta(minutes=1))
    if not pay(case):
        return case
    if not deliver(case):
        return case
    need_help(case)
    return case


def pay(case: Case) -> bool:
    """Payment; on the app it does not answer for eight weeks: people leave or try again."""
    draws = case.draws
    broken = case.channel == "app" and PAYMENT["since"] <= case.time < PAYMENT["until"]
    if broken:
        case.planted.add("payment_hangs_in_app")
    for _ in range(4):
        fails = draws.chance(0.85 if broken else USUAL["payment_fails"])
        minutes = draws.between(2, 6) if broken and fails else draws.between(0.3, 1.2)
        payment = case.event("payment", minutes=minutes)
        case.answer(payment, 0.04, "payment", not fails, "ces")
        if not fails:
            break
        if draws.chance(PAYMENT["leave"] if broken else USUAL["payment_leaves"]):
            return False
        case.pause(timedelta(minutes=4))
    case.pause(timedelta(seconds=10))
    case.event("order confirmed")["amount"] = case.amount
    return True


def deliver(case: Case) -> bool:
    """Dispatch and delivery; parcels to the West are days late for seven weeks: people ask for them, some cancel."""
    draws = case.draws
    case.pause(timedelta(hours=14))
    case.event("dispatch", channel="parcel")
    late = case.shared["region"] == "West" and LATE["since"] <= case.time < LATE["until"]
    days = draws.between(8, 14) if late else draws.between(1.5, 3.5)
    arrives = case.time + timedelta(seconds=round(days * 86_400))
    if late:
        case.planted.add("late_delivery_west")
        if draws.chance(LATE["contact"]):
            for _ in range(draws.whole(1, 3)):
                case.pause(timedelta(days=1, hours=12))
                if case.time > arrives - timedelta(hours=20):
                    break
                contact(case, "where is my order", helped=False)
        if draws.chance(LATE["lost"]):
            case.close("lost")
            return False
    case.time = max(case.time, arrives)
    delivery = case.event("delivery", channel="parcel")
    case.answer(delivery, 0.12, "delivery", draws.chance(0.25 if late else 0.85), "nps")
    return True


def need_help(case: Case) -> None:
    """After delivery: most need nothing; the others contact, and how that goes decides whether they stay."""
    draws = case.draws
    need = draws.one_of((("none", 0.76), ("set-up", 0.09), ("bill", 0.08), ("refund", 0.07)))
    lost = USUAL["lost"]
    if need != "none":
        case.pause(timedelta(days=2))
    if need == "set-up":
        contact(case, "set-up", helped=draws.chance(0.9))
    elif need == "bill":
        lost = passed_around(case)
    elif need == "refund":
        lost = refund(case)
    if need != "none":
        case.pause(timedelta(minutes=3))
        if need != "refund" and draws.chance(0.8):
            case.event("solved", channel=str(case.rows[-1]["channel"]))
    case.close("lost" if draws.chance(lost) else "kept")


def contact(case: Case, issue: str, *, helped: bool) -> None:
    """One contact: by phone through the menu, by chat or by e-mail."""
    draws = case.draws
    way = draws.one_of((("call", 0.5), ("chat", 0.4), ("e-mail", 0.1)))
    if way == "call":
        call(case, issue, helped=helped)
    elif way == "chat":
        row = case.event(
            "chat", channel="chat", minutes=draws.between(4, 14), agent=f"A{draws.whole(1, 24):02d}", issue=issue
        )
        case.answer(row, 0.12, "chat", helped, "csat")
    else:
        case.event(
            "e-mail", channel="e-mail", minutes=draws.between(2, 6), agent=f"A{draws.whole(1, 24):02d}", issue=issue
        )


def call(case: Case, issue: str, *, helped: bool) -> None:
    """The phone begins with a menu that is hard to leave: people hang up and call again, and rate it badly."""
    draws = case.draws
    case.planted.add("phone_menu")
    for _ in range(3):
        menu = case.event("IVR menu", channel="phone", minutes=draws.between(3, 8), issue=issue)
        case.answer(menu, 0.2, "IVR menu", draws.chance(0.1), "csat")
        if not draws.chance(MENU["hang_up"]):
            break
        case.pause(timedelta(minutes=9))
    row = case.event(
        "call", channel="phone", minutes=draws.between(3, 12), agent=f"A{draws.whole(1, 24):02d}", issue=issue
    )
    case.answer(row, 0.08, "chat", helped, "csat")


def passed_around(case: Case) -> float:
    """Questions about a bill: chat passes them to the phone and the phone back. Gives the share that leaves."""
    draws = case.draws
    passes = 0
    while True:
        row = case.event(
            "chat", channel="chat", minutes=draws.between(5, 15), agent=f"A{draws.whole(25, 36):02d}", issue="bill"
        )
        if not draws.chance(LOOP["pass_on"]):
            break
        case.planted.add("chat_phone_loop")
        case.answer(row, 0.2, "chat", False, "csat")
        passes += 1
        case.pause(timedelta(minutes=25))
        case.event(
            "call", channel="phone", minutes=draws.between(4, 12), agent=f"A{draws.whole(1, 24):02d}", issue="bill"
        )
        if passes >= 4 or not draws.chance(LOOP["pass_back"]):
            break
        case.pause(timedelta(minutes=25))
    if not passes:
        case.answer(row, 0.2, "chat", True, "csat")
    return LOOP["lost"] if passes else USUAL["lost"]


def refund(case: Case) -> float:
    """A refund takes weeks; people ask for it again, and some leave. Gives the share that leaves."""
    draws = case.draws
    case.planted.add("slow_refund")
    case.event("refund request", channel="web", minutes=draws.between(1, 3), issue="refund")
    due = case.time + timedelta(seconds=round(draws.between(*REFUND["days"]) * 86_400))
    if draws.chance(REFUND["ask"]):
        for _ in range(draws.whole(1, 3)):
            case.pause(timedelta(days=5))
            if case.time > due - timedelta(days=1):
                break
            contact(case, "refund", helped=False)
    case.time = max(case.time, due)
    paid = case.event("refund paid", channel="bank", issue="refund")
    case.answer(paid, 0.2, "refund", draws.chance(0.15), "csat")
    return REFUND["lost"]


def make_simulated() -> tuple[list[Row], str]:
    """Rows in order of time, and the truth as JSON."""
    draws = Draws(SEED)
    cases = [simulate(number, draws) for number in range(1, CASES + 1)]
    rows, affected = [], {}
    for case in cases:
        known = [row for row in case.rows if row["time"] < END]  # type: ignore[operator]
        for row in known:
            if row["end_time"] == row["time"] or row["end_time"] >= END:  # type: ignore[operator]
                row["end_time"] = ""
        rows += known
        for name in case.planted if known else ():
            affected[name] = affected.get(name, 0) + 1
    rows.sort(key=lambda row: (row["time"], row["case_id"]))
    for row in rows:
        for name in ("time", "end_time"):
            if row[name]:
                row[name] = f"{row[name]:%Y-%m-%dT%H:%M:%SZ}"
    return rows, truth(affected)


def truth(affected: dict[str, int]) -> str:
    def day(moment: object) -> str:
        return f"{moment:%Y-%m-%d}"

    planted = [
        {
            "id": "payment_hangs_in_app",
            "kind": "drop-off",
            "touchpoint": "payment",
            "where": {"channel": "app"},
            "since": day(PAYMENT["since"]),
            "until": day(PAYMENT["until"]),
            "what": "The payment hangs: 85% of attempts fail after minutes; 55% then leave, the others try again.",
            "elsewhere": "3% of payments fail, of which 30% leave.",
        },
        {
            "id": "late_delivery_west",
            "kind": "repeat contacts",
            "touchpoint": "dispatch",
            "transition": ["dispatch", "delivery"],
            "where": {"region": "West"},
            "since": day(LATE["since"]),
            "until": day(LATE["until"]),
            "what": "Parcels take 8 to 14 days: 70% of the customers ask up to three times where they are, 30% cancel.",
            "elsewhere": "1.5 to 3.5 days.",
        },
        {
            "id": "chat_phone_loop",
            "kind": "loop",
            "touchpoint": "chat",
            "transition": ["chat", "call"],
            "where": {"issue": "bill"},
            "what": "Chat passes 70% of the questions about bills to the phone, which passes 60% back; 30% leave.",
            "elsewhere": "3% leave.",
        },
        {
            "id": "phone_menu",
            "kind": "low score",
            "touchpoint": "IVR menu",
            "where": {},
            "what": "A quarter hang up in the menu and call again; nine of ten who answer rate it 1 to 3 of 5.",
            "elsewhere": "Chat that helps: 3 to 5 of 5.",
        },
        {
            "id": "slow_refund",
            "kind": "slow step",
            "touchpoint": "refund request",
            "transition": ["refund request", "refund paid"],
            "where": {},
            "what": "Refunds take 14 to 30 days: 70% of the customers ask for theirs again, 35% leave.",
            "elsewhere": "3% leave.",
        },
    ]
    return (
        json.dumps(
            {
                "label": "SIMULATED: made by scripts/simulate_journey.py; no real customers",
                "seed": SEED,
                "cases": CASES,
                "customers": CUSTOMERS,
                "observed": [day(START), day(END)],
                "stages": STAGES,
                "planted": [{**failure, "cases": affected[str(failure["id"])]} for failure in planted],
            },
            indent=1,
            ensure_ascii=False,
        )
        + "\n"
    )
