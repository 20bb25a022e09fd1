#!/usr/bin/env python3
"""Whether each rule of the verifier is held by a vector, and each vector has one fault: rules.py TESTS/VECTORS

A rule is what `need` demands, or one of several things that it demands together. Each is put out of force by itself: some
vector must then be judged otherwise than it says, or nobody would see the rule go. And what refused a vector must be the
only thing that does. What cannot be so stands in exceptions.json with its reason.
"""
import ast, json, sys, types
from pathlib import Path

HERE = Path(__file__).parent
MODULES = "signing log fact evidence bundle consent documents share archive opened papers wire vectors"
# The rules by their number, the one that is out of force, and which of them refused since this was emptied.
RULES, OFF, REFUSED = [], None, []


def rule(number, holds):
    if number == OFF:
        return True
    if not holds:
        REFUSED.append(number)
    return holds


class Watched(ast.NodeTransformer):
    """Every demand of `need` goes through `rule`."""

    def __init__(self, module):
        self.module = module

    def visit_Call(self, call):
        self.generic_visit(call)
        if isinstance(call.func, ast.Name) and call.func.id == "need":
            demand = call.args[0]
            if isinstance(demand, ast.BoolOp) and isinstance(demand.op, ast.And):
                demand.values = [self.watch(one) for one in demand.values]
            else:
                call.args[0] = self.watch(demand)
        return call

    def watch(self, demand):
        RULES.append(f"{self.module}: {ast.unparse(demand)}")
        return ast.Call(ast.Name("rule", ast.Load()), [ast.Constant(len(RULES) - 1), demand], [])


def load():
    """The verifier's own files, each demand watched."""
    for name in MODULES.split():
        module = sys.modules[name] = types.ModuleType(name)
        module.rule = rule
        tree = ast.fix_missing_locations(Watched(name).visit(ast.parse((HERE / f"{name}.py").read_text())))
        exec(compile(tree, f"{name}.py", "exec"), module.__dict__)
    return sys.modules["vectors"]


def without(number, vectors, question):
    """What is answered with one rule out of force, whether it is refused, and whether by another rule."""
    global OFF
    OFF, REFUSED[:] = number, []
    try:
        answer, stopped = vectors.answer(question)
    except Exception as why:
        # What no rule stops any more, the program cannot do: that is noticed too, and is no second rule.
        answer, stopped = f"{type(why).__name__}: {why}", True
    return answer, stopped, set(REFUSED)


def main(folder):
    vectors = load()
    exceptions = json.loads((HERE / "exceptions.json").read_text())
    noticed, two_faults = set(), set()
    for path, question, right in vectors.cases(folder):
        for number in without(None, vectors, question)[2]:
            answer, stopped, others = without(number, vectors, question)
            if not right(answer, stopped):
                noticed.add(number)
            elif others:
                two_faults.add(path)
    unnoticed = {text for number, text in enumerate(RULES) if number not in noticed}
    wrong = []
    for what, found in (("rules", unnoticed), ("faults", two_faults)):
        wrong += [f"{what}: {one}: no reason is given" for one in sorted(found - set(exceptions[what]))]
        wrong += [f"{what}: {one}: is no exception any more" for one in sorted(set(exceptions[what]) - found)]
    if wrong or not noticed:
        sys.exit("\n".join(wrong))
    print(f"HELD: {len(noticed)} of {len(RULES)} rules; the reasons of {len(unnoticed)} stand in exceptions.json.")


if __name__ == "__main__":
    main(sys.argv[1])
