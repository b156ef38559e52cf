#!/usr/bin/env python3
"""Gửi, nhận, xác nhận qua giao thức trục của một nút Liên Thông, bằng `requests`.

Send, receive and confirm over a node's axis protocol, with `requests`. The environment is that of axis.sh.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time

import requests


class Axis:
    """One client; every call signs its own headers."""

    def __init__(self, node, ca, system, secret):
        self.node, self.system, self.secret = node, system, secret.encode()
        self.http = requests.Session()
        # Given with each call: REQUESTS_CA_BUNDLE of the environment outweighs what a session says.
        self.ca = ca
        self.timestamp = time.strftime("%d%m%YT%H%M%S+0000")

    def call(self, operation, body=b"", content_type="application/json", **parameters):
        """POSTs an operation; the answer when its ErrorCode is 0."""
        names = {"systemid": self.system, "timestamp": self.timestamp}
        names.update({name.replace("_", "-"): value for name, value in parameters.items()})
        signed = {f"XroadVnpt-{name}": value for name, value in names.items()}
        text = json.dumps(signed, separators=(",", ":"))
        headers = dict(signed)
        headers["XroadVnpt-sign-header-key"] = ";".join(names)
        headers["XroadVnpt-sign-header"] = text
        headers["XroadVnpt-hash-header"] = hmac.new(self.secret, text.encode(), hashlib.sha256).hexdigest()
        headers["Content-Type"] = content_type
        answer = self.http.post(f"{self.node}/{operation}", data=body, headers=headers, verify=self.ca, timeout=60)
        answer = answer.json()
        if answer["ErrorCode"] != "0":
            raise RuntimeError(f"{operation}: {answer['ErrorCode']} {answer['ErrorDesc']}")
        return answer


def main():
    axis = Axis(*(os.environ[name] for name in ("NODE", "CA", "SYSTEM", "SECRET")))
    with open(os.environ["PACKET"], "rb") as file:
        packet = file.read()
    kind = {"servicetype": "eDoc", "messagetype": "edoc"}
    digest = hashlib.sha256(packet).hexdigest()
    sent = axis.call("sendEdoc", packet, "application/octet-stream", **kind, hash_file=digest, **{"from": os.environ["FROM"]})
    print("sendEdoc", sent["DocId"])
    for line in axis.call("getSentEdocList", **kind, docId=sent["DocId"])["data"]:
        print("getSentEdocList", line["toCode"], line["sendStatus"], line["receiveStatus"])
    for line in axis.call("getReceivedEdocList", **kind)["data"]:
        content = base64.b64decode(axis.call("getEdoc", b"{}", docId=line["docId"])["data"])
        print("getEdoc", line["docId"], len(content))
        axis.call("updateStatus", b"{}", docid=line["docId"], status="done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
