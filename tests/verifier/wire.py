"""Sections 17 to 19: frames. A message is read by its table, and every value has one form."""
import re

from log import AGENCY, ID128, hashes, note
from signing import need

ID, GATE = "[0-9a-f]{64}", ID128
# A field is the name of a type: several of them are a struct, a list is a choice by its tag.
SIGNED = "text text"
OFFER, PROVED = "note number growth", "number path"
REQUEST = [f"{SIGNED} {SIGNED} bool", "number", "number bool", f"id {SIGNED} number", "id", "id bytes", SIGNED, "number", "",
           "digest? number", OFFER, "number line", f"{SIGNED} number"]
WAITING = f"number {SIGNED} {SIGNED} {SIGNED} signed?"
HAPPENING = ["", SIGNED, "bytes", SIGNED, "signed-number"]
REACH = ["", "id", "id agency", "id"]
STATUS = "text text signed-number number number number number number number"
ERROR = [[""] * 7, [""] * 3, [""] * 9 + ["number", "number", "short", "short"], ["short"] * 5]
RESPONSE = ["number", SIGNED, "waiting* bool", "news* bool", f"number {SIGNED}", "", "outcome*", "number number", STATUS, "error",
            "note proved? growth began?", "line", "note?"]


class Frame:
    def __init__(self, raw):
        length = int.from_bytes(raw[:4], "big")
        need(1 <= length <= 1 << 20, "a frame of no length, or of more than 1 MiB")
        need(len(raw) == 4 + length, "a frame of another length than it says")
        need(raw[4] == 1, "a frame of another version")
        self.raw, self.at = raw, 5

    def take(self, count):
        need(count <= len(self.raw) - self.at, "a value that ends too late")
        self.at += count
        return self.raw[self.at - count:self.at]

    def number(self, most=2**64):
        first = self.take(1)[0]
        need(first < 254, "no number that is used")
        value = first if first < 251 else int.from_bytes(self.take(2 << first - 251), "little")
        need(first < 251 or value >= (251, 2**16, 2**32)[first - 251], "a number in another than its one form")
        need(value < most, "a number that is too large")
        return value

    def text(self, form=None):
        text = self.take(self.number()).decode()
        need(form is None or re.fullmatch(form, text), "a text that is not of its form")
        return text

    def choice(self, tables):
        tag = self.number(2**32)
        need(tag < len(tables), "a tag that nobody knows")
        return tag, tables[tag]

    def flag(self):
        flag = self.take(1)[0]
        need(flag < 2, "neither 0 nor 1")
        return flag

    def value(self, kind):
        if kind.endswith("?"):
            return self.value({"digest?": "digest", "signed?": "signed", "proved?": "proved", "began?": "began",
                               "note?": "note"}[kind]) if self.flag() else None
        if kind.endswith("*"):
            return [self.value(kind[:-1]) for _ in range(self.number())]
        match kind:
            case "number" | "signed-number":
                return self.number()
            case "short":
                return self.number(2**32)
            case "bool":
                return self.flag()
            case "bytes":
                return self.take(self.number())
            case "text":
                return self.text()
            case "id" | "digest":
                return self.text(ID)
            case "gate":
                return self.text(GATE)
            case "agency":
                return self.text(AGENCY)
            case "note":
                return note(self.text())
            case "line":
                return note("text\n\n" + self.text() + "\n")
            case "growth" | "path":
                return hashes(self.text())
            case "signed":
                return self.values(SIGNED)
            case "proved":
                return self.values(PROVED)
            case "began":
                return self.values("text path")
            case "waiting":
                return self.values(WAITING)
            case "news":
                return self.values("number id"), self.one(HAPPENING)
            case "outcome":
                return self.value("gate"), self.one(REACH)
            case "error":
                blame, errors = self.choice(ERROR)
                return blame, self.one(errors)

    def values(self, kinds):
        return [self.value(kind) for kind in kinds.split()]

    def one(self, tables):
        tag, kinds = self.choice(tables)
        return tag, self.values(kinds)


def frame(raw, tables):
    """The one message of a frame, as its tag and its values."""
    one = Frame(raw)
    found = one.one(tables)
    need(one.at == len(raw), "a frame goes on after its message")
    return found


def answer_wire(name, text):
    frame(bytes.fromhex(text), REQUEST if "request" in name else RESPONSE)
