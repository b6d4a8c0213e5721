import json
import time

import psutil

LOOKS = 20_000
process = psutil.Process()
started = time.process_time()
for _ in range(LOOKS):
    process.memory_info()
    psutil.virtual_memory()
print(json.dumps({"microseconds": (time.process_time() - started) / LOOKS * 1e6}))
