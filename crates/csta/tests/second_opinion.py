"""A second opinion on our ASN.1: asn1tools with the modules of the standards.

    second_opinion.py MODULE < requests > answers

One request a line, one answer a line:

    check TYPE HEX    decodes the octets as TYPE, encodes what was read: `ok HEX` or `error WHY`
    make TYPE SEED    encodes a value of TYPE with every optional element: `ok HEX` or `error WHY`
"""

import datetime
import random
import sys

import asn1tools


def make(kind, dice, depth=0):
    """A value of a compiled type. Optional elements are left out only when the value becomes too deep."""
    name = type(kind).__name__
    if name == "ExplicitTag":
        return make(kind.inner, dice, depth)
    if name in ("Sequence", "Set"):
        return {
            member.name: make(member, dice, depth + 1)
            for member in kind.root_members
            if depth < 12 or not member.optional
        }
    if name == "SequenceOf":
        return [make(kind.element_type, dice, depth + 1) for _ in range(dice.randint(1, 2))]
    if name == "Choice":
        member = dice.choice(kind.members if isinstance(kind.members, list) else kind.root_members)
        return (member.name, make(member, dice, depth + 1))
    if name == "Enumerated":
        return dice.choice(sorted(kind.value_to_data.values()))
    simple = {
        "Integer": lambda: dice.randint(0, 70000),
        "Boolean": lambda: dice.random() < 0.5,
        "Null": lambda: None,
        "OctetString": lambda: dice.randbytes(dice.randint(0, 6)),
        "BitString": lambda: (dice.randbytes(2), dice.randint(9, 16)),
        "IA5String": lambda: str(dice.randint(0, 10**9)),
        "ObjectIdentifier": lambda: "1.3.12.1206.%d" % dice.randint(1, 999),
        "GeneralizedTime": lambda: datetime.datetime(2026, 11, 27, 12, 0, dice.randint(0, 59)),
        "UTCTime": lambda: datetime.datetime(2026, 11, 27, 12, 0, dice.randint(0, 59)),
        # Any element: an OCTET STRING under a tag of its own.
        "Any": lambda: bytes([0x04, 2]) + dice.randbytes(2),
    }
    return simple[name]()


def answer(module, verb, kind, rest):
    if verb == "check":
        octets = bytes.fromhex(rest)
        value = module.decode(kind, octets, check_constraints=False)
        return module.encode(kind, value, check_constraints=False)
    return module.encode(kind, make(module.types[kind].type, random.Random(int(rest))))


def main():
    module = asn1tools.compile_files(sys.argv[1], "ber")
    for line in sys.stdin:
        verb, kind, rest = line.rstrip("\n").split(" ")
        try:
            print("ok", answer(module, verb, kind, rest).hex())
        except Exception as error:  # whatever asn1tools raises is its answer
            print("error", type(error).__name__, str(error).replace("\n", " "))


main()
