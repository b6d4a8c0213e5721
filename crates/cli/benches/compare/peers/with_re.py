import re
import sys

EVENT = re.compile(
    r"\[(?P<s>[\d.]+)s\]\[\w+ *\]\[gc *\] GC\((?P<n>\d+)\) (?P<name>.+?) "
    r"(?P<before>\d+)M->(?P<after>\d+)M\((?P<total>\d+)M\) (?P<ms>[\d.]+)ms"
)

times, before, after, total, pauses = [], [], [], [], []
with open(sys.argv[1], encoding="utf-8") as file:
    for line in file:
        event = EVENT.match(line)
        if event:
            times.append(float(event["s"]))
            before.append(int(event["before"]))
            after.append(int(event["after"]))
            total.append(int(event["total"]))
            pauses.append(float(event["ms"]))
print(len(times), max(before), max(after), sum(pauses))
