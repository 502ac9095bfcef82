"""What course.compiled saw of a compiled function, judged: faults in words, and what tells two slips apart.

No student code runs here. The facts may come from a hostile process: they are data, compared and shown.
"""

from course.compare import differences
from course.messages import say

NOTHING = {"mode": "python", "threads": 0, "unset": False, "race": "", "racing": "", "others": {}}


def facts(outcome):
    """The facts of an outcome; of one that came without, the least."""
    return outcome.get("compiled") or NOTHING


def faults(outcome, sheet):
    """(property, symptom) of everything wrong: is it numba that computes, and does it answer the same every time?"""
    seen = facts(outcome)
    if seen["mode"] != "nopython":
        yield "compiled", say(f"mode {seen['mode']}", exercise=sheet["exercise"])
    if seen["race"]:
        yield from both(say("iterations race", race=seen["race"]))
    if seen["unset"]:
        yield "value", say("unset")
        return  # what it read was luck, and so is every other difference
    for how, value in seen["others"].items():
        far = differences(value, outcome["value"], sheet["tolerance"])
        if far:
            yield from both(say(f"differs {how}", one=far[0].expected, other=far[0].got))
        elif how == "threads":  # plain Python may differ in the last digits for many reasons
            yield "compiled", say("rounds threads")


def both(symptom):
    """A value that depends on who computes it is wrong, and not the same everywhere."""
    return [("value", symptom), ("compiled", symptom)]


def shows(case, outcome, sheet):
    """Whether the returned value shows what is wrong; a race may be right by luck."""
    right = case.get("compiled") and outcome["status"] == "returned"
    return not right or bool(differences(outcome["value"], case["expected"]["value"], sheet["tolerance"]))


def unchecked(case, outcome):
    """A warning for an index out of bounds, which only plain Python notices; or ''."""
    raised = (outcome.get("error") or {}).get("type")
    return f" {say('unchecked')}" if case.get("compiled") and raised == "IndexError" else ""


def one_thread(outcomes):
    """The sentence for a machine on which no second thread could be tried, or ''."""
    return say("one thread") if any(facts(outcome)["threads"] == 1 for outcome in outcomes) else ""


def alike(outcome, known):
    """Whether nothing beside the values tells an outcome from that of a known slip."""
    mine, its = facts(outcome), facts(known)
    # A slip in the values is the same slip in plain Python; where plain Python is the slip, it must be that.
    modes = its["mode"] in ("nopython", mine["mode"])
    threads = ("threads" in mine["others"]) == ("threads" in its["others"])
    return modes and threads and all(mine[key] == its[key] for key in ("unset", "racing"))


def clean(said):
    """Facts from the sandbox held to their form."""
    threads, others = said.get("threads"), said.get("others")
    return {
        "mode": said["mode"] if said.get("mode") in ("nopython", "object") else "python",
        "threads": threads if type(threads) is int else 0,
        "unset": said.get("unset") is True,
        **{key: said[key][:300] if type(said.get(key)) is str else "" for key in ("race", "racing")},
        "others": {how: others[how] for how in ("threads", "plain") if how in others} if type(others) is dict else {},
    }


def steady(seen):
    """Facts without the values that differ from machine to machine."""
    return seen | {"race": "", "others": dict.fromkeys(seen["others"])}
