"""The journey of the simulated shop as its designers would have drawn it: what should happen, before any data."""

from __future__ import annotations

from journeykit.journey import JourneyMap

_STAGES = (
    ("Discover", "awareness"),
    ("Buy", "consideration"),
    ("Pay", "decision"),
    ("Deliver", "post-purchase"),
    ("Support", "post-purchase"),
)
# touchpoint, stage, channels, department, need, emotion
_TOUCHPOINTS = (
    ("advert", "Discover", ("social",), "Marketing", "learn what is on offer", 0.1),
    ("product page", "Discover", ("app", "store", "web"), "Marketing", "see whether it fits", 0.3),
    ("compare plans", "Discover", ("app", "store", "web"), "Marketing", "choose without regret", 0.0),
    ("basket", "Buy", ("app", "store", "web"), "Shop", "keep what was chosen", 0.3),
    ("checkout", "Buy", ("app", "store", "web"), "Shop", "order without surprises", 0.1),
    ("payment", "Pay", ("app", "store", "web"), "Payments", "pay safely in one go", 0.0),
    ("order confirmed", "Pay", ("app", "store", "web"), "Payments", "know that it worked", 0.7),
    ("dispatch", "Deliver", ("parcel",), "Logistics", "know when it comes", 0.4),
    ("delivery", "Deliver", ("parcel",), "Logistics", "have it on the promised day", 0.8),
    ("IVR menu", "Support", ("phone",), "Customer service", "reach the right person", -0.3),
    ("call", "Support", ("phone",), "Customer service", "be understood at once", 0.0),
    ("chat", "Support", ("chat",), "Customer service", "a quick answer", 0.2),
    ("e-mail", "Support", ("e-mail",), "Customer service", "an answer in writing", 0.0),
    ("refund request", "Support", ("web",), "Finance", "money back without a fight", -0.4),
    ("refund paid", "Support", ("bank",), "Finance", "see the money", 0.4),
    ("solved", "Support", ("chat", "e-mail", "phone"), "Customer service", "get on with life", 0.6),
)
# source, target, share of the moves out of source
_TRANSITIONS = (
    ("advert", "product page", 1.0),
    ("product page", "compare plans", 0.4),
    ("product page", "basket", 0.6),
    ("compare plans", "basket", 1.0),
    ("basket", "checkout", 1.0),
    ("checkout", "payment", 1.0),
    ("payment", "order confirmed", 1.0),
    ("order confirmed", "dispatch", 1.0),
    ("dispatch", "delivery", 1.0),
    ("delivery", "IVR menu", 0.05),
    ("delivery", "chat", 0.08),
    ("delivery", "e-mail", 0.02),
    ("delivery", "refund request", 0.03),
    ("IVR menu", "call", 1.0),
    ("call", "solved", 0.9),
    ("chat", "solved", 0.9),
    ("e-mail", "solved", 0.8),
    ("refund request", "refund paid", 1.0),
)


def planned_map() -> JourneyMap:
    """Stages, touchpoints, intended moves and the failure points a workshop would name; all assumed."""
    return JourneyMap.build(
        "Online shop (simulated)",
        description="SIMULATED: the journey as planned, for load_simulated()",
        currency="EUR",
        stages=[{"id": stage, "phase": phase} for stage, phase in _STAGES],
        touchpoints=[
            {
                "id": touchpoint,
                "stage": stage,
                "channels": channels,
                "departments": department,
                "need": need,
                "emotion": emotion,
                "visibility": "back_stage" if touchpoint == "dispatch" else "front_stage",
            }
            for touchpoint, stage, channels, department, need, emotion in _TOUCHPOINTS
        ],
        transitions=[
            {"source": source, "target": target, "probability": share} for source, target, share in _TRANSITIONS
        ],
        failure_points=[
            {
                "id": "card declined",
                "touchpoint": "payment",
                "cause": "the bank refuses the card",
                "contact_reasons": ["did my payment work?"],
                "frequency_share": 0.03,
                "loss_amount": 40,
                "detection_share": 0.9,
            },
            {
                "id": "parcel late",
                "source": "dispatch",
                "target": "delivery",
                "cause": "the carrier misses the promised day",
                "contact_reasons": ["where is my order?"],
                "frequency_share": 0.05,
                "loss_amount": 15,
                "detection_share": 0.6,
            },
            {
                "id": "long menu",
                "touchpoint": "IVR menu",
                "cause": "too many choices before a person answers",
                "frequency_share": 0.2,
                "loss_amount": 5,
                "detection_share": 0.1,
            },
        ],
    )
