# SPDX-License-Identifier: GPL-2.0-or-later
"""Every single change to the table has a name, and is mended by the next load. The changes are made from
the table as it is listed, so that what is added to it is changed too. For the suite killswitch-load."""
import json
import re

from qube import nft, rules, run

# What a word of a rule is changed to; nft takes each of them at every place where the word stands.
OTHER_WORD = {
    r"saddr": "daddr",
    r"daddr": "saddr",
    r"sport": "dport",
    r"dport": "sport",
    r"tcp(?=,)": "sctp",
    r"udp(?= \})": "sctp",
    r"(?<=\")tun": "veth",
    r"(?<=\")wireguard": "veth",
    r"ipv4": "ipv6",
    r"!=": "==",
    r"(?<=/ )syn,rst": "syn,ack",
    r"rt mtu": "1400",
    r"established": "new",
    r"related": "untracked",
    r"local": "unicast",
    r"broadcast": "unicast",
    r"anycast": "unicast",
    r"multicast": "unicast",
    r"exists": "missing",
    r"update": "add",
    r"minute": "second",
    r"info": "debug",
    r"(?<=sysvpn )(forward|output)": "other",
    r"nd-neighbor-solicit|nd-neighbor-advert": "echo-request",
    r"echo-reply|destination-unreachable|time-exceeded|parameter-problem|packet-too-big": "echo-request",
}


def flipped(text):
    if text.endswith("accept"):
        return text[:-6] + "drop"
    if text.endswith("drop"):
        return text[:-4] + "accept"
    return text + " accept"


def other_words(text):
    """(place, text with this one word or number changed) for each that decides something."""
    for word, other in OTHER_WORD.items():
        for found in re.finditer(rf"(?<![\w-])(?:{word})(?![\w-])", text):
            yield f"{found[0]} at {found.start()}", text[:found.start()] + other + text[found.end():]
    for found in re.finditer(r"(?<!\w)(?:0x[0-9a-f]+|\d+)(?!\w)", text):
        number = int(found[0], 0) ^ 1
        yield f"{found[0]} at {found.start()}", f"{text[:found.start()]}{number}{text[found.end():]}"
    for found in re.finditer(r'(?<=counter name ")\w+', text):
        other = "dns_drop" if found[0] != "dns_drop" else "inject_drop"
        yield f"counter {found[0]}", text[:found.start()] + other + text[found.end():]


def is_last(listed, number):
    return number + 1 == len(listed) or listed[number + 1][0] != listed[number][0]


def rule_mutations():
    listed = rules()
    for number, (chain, handle, text) in enumerate(listed):
        where, place = f"{chain} rule {number}", f"rule inet sysvpn {chain}"
        yield f"{where} deleted", f"delete {place} handle {handle}", "changed"
        yield f"{where} flipped", f"replace {place} handle {handle} {flipped(text)}", "changed"
        yield (f"{where} moved", f"delete {place} handle {handle}\n"
               f"{'insert' if is_last(listed, number) else 'add'} {place} {text}", "changed")
        yield f"{where} doubled", f"add {place} position {handle} {text}", "changed"
        for what, other in other_words(text):
            yield f"{where} {what}", f"replace {place} handle {handle} {other}", "changed"


def declared():
    """The chains and sets of the table."""
    items = json.loads(run("nft", "-j", "list", "table", "inet", "sysvpn").stdout)["nftables"]
    return ([item["chain"] for item in items if "chain" in item], [item["set"] for item in items if "set" in item])


def chain_mutations(chain):
    """Everything that a chain is, one thing after the other. Those that drop have a reason of their own."""
    name, hook, priority, policy = chain["name"], chain["hook"], chain["prio"], chain["policy"]
    reason = "policy" if policy == "drop" else "changed"
    other = {"prerouting": "input", "input": "forward", "forward": "input", "output": "postrouting"}[hook]

    def anew(rest):
        return f"delete chain inet sysvpn {name}\ntable inet sysvpn {{ chain {name} {{ {rest} }}\n}}"

    yield f"accept first in {name}", f"insert rule inet sysvpn {name} accept", "changed"
    yield f"return first in {name}", f"insert rule inet sysvpn {name} return", "changed"
    yield f"{name} flushed", f"flush chain inet sysvpn {name}", "changed"
    yield (f"policy of {name}",
           f"chain inet sysvpn {name} {{ policy {'accept' if policy == 'drop' else 'drop'}; }}", reason)
    for step in (-1, 1, 10):
        yield (f"priority of {name} moved by {step}",
               anew(f"type filter hook {hook} priority {priority + step}; policy {policy};"), reason)
    yield f"hook of {name}", anew(f"type filter hook {other} priority {priority}; policy {policy};"), reason
    yield f"{name} without hook", anew(""), reason
    yield f"{name} deleted", f"delete chain inet sysvpn {name}", reason
    if hook == "output":
        yield f"type of {name}", anew(f"type route hook output priority {priority}; policy {policy};"), reason


def set_mutations(each):
    """What is in a set, where it decides: the ones that count clients only may hold anything."""
    name = each["name"]
    if "size" in each:
        return
    element = each["elem"][0]["concat"]
    address = element[0] if isinstance(element[0], str) else "{addr}/{len}".format(**element[0]["prefix"])
    one = " . ".join([address, *map(str, element[1:])])
    wide = " . ".join(["::/1" if "6" in name else "0.0.0.0/1", *map(str, element[1:])])
    yield f"{name} emptied", f"flush set inet sysvpn {name}", "changed"
    yield f"{name} without one", f"delete element inet sysvpn {name} {{ {one} }}", "changed"
    yield (f"{name} with everything", f"flush set inet sysvpn {name}\nadd element inet sysvpn {name} {{ {wide} }}",
           "changed")


def declaration_mutations(printed):
    """What cannot be changed in place: the table built anew with another declaration."""
    for before, after in (("set clients4 { type ipv4_addr; size 256;", "set clients4 { type ipv4_addr; size 255;"),
                          ("set clients6 { type ipv6_addr; size 256;", "set clients6 { type ipv6_addr; size 512;"),
                          ("size 256; flags dynamic;", "size 256; flags dynamic,timeout; timeout 1h;")):
        anew = "delete table inet sysvpn\n" + printed.replace(before, after, 1)
        yield f"declared anew with {after}", anew if before in printed else "not in the table", "changed"


def table_mutations(printed):
    chains, sets = declared()
    for chain in chains:
        yield from chain_mutations(chain)
    for each in sets:
        yield from set_mutations(each)
    yield from declaration_mutations(printed)
    yield "endpoint added", "add element inet sysvpn endpoints4 { 8.8.8.8 . udp . 53 }", "changed"
    yield "endpoint net added", "add element inet sysvpn endpoints4_any { 0.0.0.0/1 . udp }", "changed"
    yield "chain added", "table inet sysvpn { chain more { type filter hook forward priority -20; } }", "changed"
    yield "unhooked chain added", "table inet sysvpn { chain more { } }", "changed"
    yield "set added", "table inet sysvpn { set more { type ipv4_addr; } }", "changed"
    yield "counter added", "table inet sysvpn { counter more { } }", "changed"
    yield "quota added", "table inet sysvpn { quota more { over 1 mbytes } }", "changed"
    yield "dormant", "add table inet sysvpn { flags dormant; }", "policy"
    yield "table flushed", "flush table inet sysvpn", "changed"
    yield "table deleted", "delete table inet sysvpn", "missing"
    yield "everything flushed", "flush ruleset", "missing"
    yield "table of the same name, empty", "delete table inet sysvpn\ntable inet sysvpn { }", "policy"


def try_all(plan, ks, name, generate, has_handles=False):
    """Each from a table as loaded: the change is named, the next load mends it."""
    wrong, count = [], 0
    ks.load()
    mutations = list(generate())
    digest = ks.digest.read_text()
    for number, (each_name, commands, reason) in enumerate(mutations):
        if has_handles:  # they are new after every load
            commands = list(generate())[number][1]
        nft(commands)
        got = ks.verdict()
        if got != reason:
            wrong.append(f"{each_name}: wanted {reason}, got {got}: {commands}")
        ks.load()
        if ks.verdict() != "armed" or ks.digest.read_text() != digest:
            wrong.append(f"{each_name}: not mended by the next load")
        count += 1
    plan.ok(not wrong and count > 50, f"{name}: {count} changes, each named and mended", "\n".join(wrong))


def test_rules(plan, ks):
    try_all(plan, ks, "rules", rule_mutations, has_handles=True)


def test_table(plan, ks):
    printed = ks("--print", ok=True).stdout
    try_all(plan, ks, "table", lambda: table_mutations(printed))
