"""A server of the years before discovery, written by hand: JSON-RPC over standard input and output.

Lists its tools in pages, changes them with a notice, sends log messages, asks for sampling, and
prints what is no message at all.
"""

import json
import sys

SCHEMA = {"type": "object", "properties": {"x": {"type": "integer"}}}
names = ["one", "two", "three"]


def send(**message):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def words(text):
    return {"content": [{"type": "text", "text": text}]}


def listed(params):
    start = int(params.get("cursor", 0))
    page = {"tools": [{"name": name, "inputSchema": SCHEMA} for name in names[start : start + 2]]}
    if start + 2 < len(names):
        page["nextCursor"] = str(start + 2)
    return page


def called(params):
    name = params["name"]
    if name == "two":
        names.append("four")
        send(method="notifications/tools/list_changed")
    if name == "three":
        send(id="s1", method="sampling/createMessage", params={"messages": [], "maxTokens": 1})
        answer = json.loads(sys.stdin.readline())
        return words(json.dumps(answer["error"]))
    data = {"rows": 3}
    send(method="notifications/message", params={"level": "warning", "logger": "db", "data": data})
    return words(name)


def main():
    sys.stderr.write(f"started with {sys.argv[1:]}\n")
    sys.stdout.write("a banner, which is no message\n")
    for line in sys.stdin:
        message = json.loads(line)
        method, params = message["method"], message.get("params", {})
        if method == "initialize":
            result = {
                "protocolVersion": "2025-03-26",
                "capabilities": {"tools": {"listChanged": True}},
                "serverInfo": {"name": "old", "version": "1"},
            }
        elif method == "tools/list":
            result = listed(params)
        elif method == "tools/call":
            result = called(params)
        elif "id" in message:
            send(id=message["id"], error={"code": -32601, "message": "Method not found"})
            continue
        else:
            continue
        send(id=message["id"], result=result)


main()
