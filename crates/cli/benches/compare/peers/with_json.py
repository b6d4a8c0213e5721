import glob
import json
import sys

from summary import summary

for path in sorted(glob.glob(f"{sys.argv[1]}/*.json")):
    with open(path, encoding="utf-8") as file:
        print(path, summary(json.load(file)["history"]))
