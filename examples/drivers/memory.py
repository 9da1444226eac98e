#!/usr/bin/env python3
"""A driver for `quorate record driver`: a store that is a dictionary of this process.

It reads one JSON object a line and answers each on a line of its own. To drive a store of your own, put its client in the place
of the dictionary. What matters is the difference between the three answers:

    {"id": 7, "ok": true}       done; of a read with the "value" that was read
    {"id": 7, "ok": false}      certainly not done, now and later: say so only where the request cannot have arrived
    {"id": 7, "unknown": true}  everything else: a timeout, a connection that broke after the request was sent
"""

import json
import sys

store = {}

for line in sys.stdin:
    asked = json.loads(line)
    answer = {"id": asked["id"], "ok": True}
    if asked["op"] == "read":
        answer["value"] = store.get(asked["key"], 0)
    elif asked["op"] == "write":
        store[asked["key"]] = asked["value"]
    else:
        answer["ok"] = False
    print(json.dumps(answer), flush=True)
