import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    document = json.load(file)
for series in document["data"]["result"]:
    times = [at for at, _ in series["values"]]
    sizes = [float(value) / 2**20 for _, value in series["values"]]
    print(series["metric"], len(times), max(sizes))
