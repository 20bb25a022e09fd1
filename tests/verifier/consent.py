"""Section 9: the scope check, by which a recipient sees that nothing goes beyond the sender's record of its decision."""
from signing import moment, need

SPECIAL = {"health", "mental-health", "sexual-harm", "ethnicity-or-religion", "criminal-allegation"}
# What may follow what, from `not-sought` on.
LIFE = {"not-sought": ["requested", "given", "refused", "withdrawn"], "requested": ["given", "refused", "expired"],
        "refused": ["requested", "given"], "given": ["withdrawn", "expired"], "withdrawn": [], "expired": []}
# Section 11: the category of data of a record, by what it is about.
DATA = {word: data for data, words in {
    "welfare": "neglect physical-abuse emotional-abuse domestic-abuse child-on-child-abuse missing appearance welfare",
    "sexual-harm": "sexual-abuse harmful-sexual-behaviour child-sexual-exploitation",
    "criminal-allegation": "child-criminal-exploitation serious-violence trafficking honour-based-abuse adult-conduct",
    "ethnicity-or-religion": "radicalisation discrimination", "mental-health": "self-harm mental-health",
    "health": "female-genital-mutilation substance-use health fabricated-illness parental-health",
    "behaviour": "bullying behaviour", "attendance": "missing-education attendance",
    "online": "online-safety", "family": "family-circumstances", "education": "education", "contact": "contact-details",
    "plans": "plans"}.items() for word in words.split()}


def sent(bundle):
    """The categories of all that goes with a bundle."""
    return {DATA[record["category"]] for record in bundle["records"]} | {one["category"] for one in bundle["attachments"]}


def lived(events):
    """They can have happened in this order, and each says who and how."""
    before, since = "not-sought", None
    for event in events:
        need(event["event_state"] in LIFE[before], "no life of a consent")
        at = moment(event["event_time"])
        need(since is None or at >= since, "no life of a consent")
        need(event["entity"].strip(), "no life of a consent")
        need(event["event_type"].strip(), "no life of a consent")
        before, since = event["event_state"], at


def scope(record, recipient, categories, at):
    """May these categories go to this recipient at this time?"""
    need(record["decision"] == "share", "decided not to share")
    basis = record.get("lawful_basis")
    need(basis is not None, "no basis")
    need(isinstance(basis, (str, type(None))) or basis["legal-obligation"]["which"].strip(), "no basis")
    if basis == "consent":
        last = [event["event_state"] for event in record["events"]][-1:]
        need(last != ["withdrawn"], "withdrawn")
        need(last in (["given"], ["withdrawn"]), "not given")
        lived(record["events"])
        need(record["notice"].get("sha256") is not None, "no notice was kept")
    said = [*(event["event_time"] for event in record["events"]), record["safeguarding"]["decided_by"]["on"]]
    need(all(moment(one).replace(microsecond=0) <= at.replace(microsecond=0) for one in said), "in the future")
    need(moment(record["validity"]["from"]) <= at, "early")
    need(at < moment(record["validity"]["until"]), "late")
    need(recipient in [named["id"] for named in record["recipients"]], "recipient")
    need(categories <= set(record["categories"]), "category")
    need(record.get("special_condition") is not None or not categories & SPECIAL, "no condition")
    more = record["safeguarding"]
    told = more["family_told"]
    need(all(said.get("because", "said").strip() for said in told.values()), "family")
    need(any(purpose.strip() for purpose in record["purposes"]), "purpose")
    need(more["decided_by"]["name"].strip() and more["decided_by"]["role"].strip(), "who decided")
    need(more["necessity"].strip(), "necessity")
    need(more["childs_view"].strip(), "the child's view")
