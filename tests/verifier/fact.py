"""Appendix A: the one value that the fields of a fact tell."""
import re

from signing import Refused, need


def whole_number(text):
    need(re.fullmatch("0|-?[1-9][0-9]*", text) and -1 << 63 <= int(text) < 1 << 64, "a number is not in its one form")
    return int(text)


def value(fields):
    need(0 < len(fields) <= 262_144, "no fields, or too many")
    need(all(3 <= len(field) <= 4 and all(isinstance(part, str) for part in field) for field in fields), "this is no field")
    place = 0

    def one(path, depth):
        nonlocal place
        need(place < len(fields) and depth <= 32, f"{path} is missing, or too deep")
        if fields[place][0] != path:
            return members(path, depth)
        _, kind, text, *cut = fields[place]
        place += 1
        need(kind == "text" or not cut, f"{path} is cut")
        match kind, text:
            case "text", _:
                return text
            case "integer", _:
                return whole_number(text)
            case "bool", "true" | "false":
                return text == "true"
            case "null", "":
                return None
            case "object", "":
                return {}
            case "list", _:
                count = whole_number(text)
                need(0 <= count <= len(fields), f"{path} has other items")
                return [one(f"{path}/{at}", depth + 1) for at in range(count)]
        raise Refused(f"{path} does not hold what its type says")

    def members(path, depth):
        found = {}
        while place < len(fields) and fields[place][0].startswith(f"{path}/"):
            token = fields[place][0][len(path) + 1:].split("/")[0]
            need(not re.search("~(?![01])", token) and token not in found, f"{path}/{token} is twice or out of place")
            found[token] = one(f"{path}/{token}", depth + 1)
        need(found, f"{path} is missing")
        return found

    read = one("", 0)
    need(place == len(fields), "a field is out of place")
    return read
