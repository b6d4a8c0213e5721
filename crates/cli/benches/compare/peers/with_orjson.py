import glob
import sys

import orjson
from summary import summary

for path in sorted(glob.glob(f"{sys.argv[1]}/*.json")):
    with open(path, "rb") as file:
        print(path, summary(orjson.loads(file.read())["history"]))
