"""Interrupts a Jupyter kernel in the middle of one long call, and uses it again."""

from __future__ import annotations

import json
import sys
import time

from jupyter_client.manager import start_new_kernel

MAKE = """
import journeykit as jk
points = [f"t{k}" for k in range(20_000)]
large = jk.JourneyMap.build(touchpoints=points, transitions=[{"source": "t1", "target": point} for point in points])
text = large.to_json()
"""
LONG = """
while True:
    print("begun", flush=True)
    jk.JourneyMap.merge(large, large, large)
"""


def main(tries: int) -> None:
    manager, client = start_new_kernel(kernel_name="python3")
    late, found = [], []
    try:
        if client.execute_interactive(MAKE, timeout=60)["content"]["status"] != "ok":
            found.append("the map could not be made")
        for k in range(tries):
            asked = client.execute(LONG, stop_on_error=False)  # else the kernel may drop what is asked next
            while True:
                message = client.get_iopub_msg(timeout=60)
                if message["msg_type"] == "stream" and message["parent_header"].get("msg_id") == asked:
                    break
            time.sleep(0.02 * k)
            sent = time.monotonic()
            manager.interrupt_kernel()
            answer = client.get_shell_msg(timeout=60)["content"]
            late.append((time.monotonic() - sent) * 1e3)
            if answer["status"] != "error" or answer["ename"] != "KeyboardInterrupt":
                found.append(f"try {k}: {answer}")
            again = client.execute_interactive("assert large.to_json() == text", timeout=60, store_history=False)
            if again["content"]["status"] != "ok":
                found.append(f"try {k}: afterwards {again['content']}")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    sys.stdout.write(json.dumps({"late_ms": late, "found": found}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
