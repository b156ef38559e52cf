#!/usr/bin/env python3
"""Gửi, nhận, báo trạng thái và theo dõi qua HTTP/JSON của một nút Liên Thông.

Submit, receive, report and track over a node's HTTP/JSON: the standard library alone, and `openssl`
for the one thing that it lacks, the CMS signature. The environment is that of submit.sh.
"""

import base64
import datetime
import hashlib
import http.client
import json
import os
import re
import secrets
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse
import uuid

# Seconds after which a silent node counts as gone: above the longest long poll, 60.
TIMEOUT = 75
# Bytes of a file that are in memory at a time.
CHUNK = 64 * 1024


class Problem(Exception):
    """A refusal of the node (RFC 9457); `code` is the contract, the texts are for people."""

    def __init__(self, status, members):
        super().__init__(f"{status} {members.get('code')}: {members.get('title')} ({members.get('detail')})")
        self.status = status
        self.code = members.get("code", "")
        self.retryable = members.get("retryable", False)
        self.wait = members.get("retryAfterSeconds", 2)
        self.members = members


class Node:
    """One system's connection to its node."""

    def __init__(self, url, ca, certificate, key):
        parts = urllib.parse.urlsplit(url)
        self.address = (parts.hostname, parts.port)
        self.tls = ssl.create_default_context(cafile=ca)
        self.tls.load_cert_chain(certificate, key)

    def call(self, method, path, body=None, headers=None, sink=None):
        """One call; the answer's JSON, or its bytes into `sink`. Refusals are raised as Problem."""
        connection = http.client.HTTPSConnection(*self.address, context=self.tls, timeout=TIMEOUT)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            if response.status >= 400:
                raise Problem(response.status, json.loads(response.read() or b"{}"))
            if sink is None:
                return json.loads(response.read() or b"{}")
            while piece := response.read(CHUNK):
                sink(piece)
            return response.status
        finally:
            connection.close()

    def post(self, path, message):
        return self.call("POST", path, json.dumps(message), {"Content-Type": "application/json"})


def canonical(value):
    """RFC 8785 for what a manifest holds: strings, integers, arrays, and objects with ASCII names."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sign(manifest, certificate, key):
    """A detached CAdES signature (CMS, DER) over the manifest's bytes."""
    with tempfile.TemporaryDirectory() as folder:
        chain = os.path.join(folder, "chain.pem")
        with open(certificate, encoding="ascii") as file:
            pattern = "-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n"
            intermediates = re.findall(pattern, file.read(), re.DOTALL)[1:]
        with open(chain, "w", encoding="ascii") as file:
            file.writelines(intermediates)
        command = ["openssl", "cms", "-sign", "-binary", "-cades", "-md", "sha256", "-outform", "DER"]
        command += ["-signer", certificate, "-inkey", key] + (["-certfile", chain] if intermediates else [])
        return subprocess.run(command, input=manifest, stdout=subprocess.PIPE, check=True).stdout


def digest(path):
    """Length and SHA-256 of a file, read in pieces."""
    hasher, length = hashlib.sha256(), 0
    with open(path, "rb") as file:
        while piece := file.read(CHUNK):
            hasher.update(piece)
            length += len(piece)
    return length, hasher.digest()


def form(metadata, files, boundary):
    """The multipart form, piece by piece: a large file is never in memory as a whole."""
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="metadata"\r\nContent-Type: application/json\r\n\r\n'
    yield head.encode() + json.dumps(metadata).encode()
    for path, media_type in files:
        name = os.path.basename(path).replace('"', "%22")
        yield (
            f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            f"Content-Type: {media_type}\r\n\r\n"
        ).encode()
        with open(path, "rb") as file:
            while piece := file.read(CHUNK):
                yield piece
    yield f"\r\n--{boundary}--\r\n".encode()


def prepare(document, sender, receivers, files, signing_certificate, signing_key):
    """Metadata with its signed manifest: made once, kept, and sent again unchanged after a failure."""
    parts, listed = [], []
    for path, media_type in files:
        length, sha256 = digest(path)
        name = os.path.basename(path)
        parts.append({"name": name, "mediaType": media_type, "length": length, "sha256": sha256.hex()})
        listed.append({
            "name": name, "contentType": media_type, "length": str(length), "sha256": base64.b64encode(sha256).decode(),
        })
    manifest = canonical({
        "domain": "vn.lienthong.manifest.v1",
        "message": str(uuid.uuid4()),
        "from": sender,
        "to": receivers,
        "created": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "documentId": document["documentId"],
        "kind": "document",
        "businessType": 0,
        "subject": document["subject"],
        "nonce": secrets.token_hex(16),
        "parts": parts,
    })
    signature = sign(manifest, signing_certificate, signing_key)
    return document | {
        "from": {"code": sender},
        "to": [{"code": code} for code in receivers],
        "files": listed,
        "envelope": {
            "manifest": base64.b64encode(manifest).decode(),
            "cms": base64.b64encode(signature).decode(),
        },
    }


def submit(node, metadata, files, attempts=5):
    """Sends until the node has said yes or no: a repeat changes nothing and gets the first receipt."""
    for attempt in range(1, attempts + 1):
        boundary = secrets.token_hex(16)
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        try:
            return node.call("POST", "/v1/documents", form(metadata, files, boundary), headers)["acceptance"]
        except Problem as problem:
            if not problem.retryable or attempt == attempts:
                raise
            time.sleep(problem.wait)
        except (OSError, http.client.HTTPException):
            if attempt == attempts:
                raise
            time.sleep(2**attempt)
    raise AssertionError("the last attempt returns or raises")


def receipt_event(receipt):
    return json.loads(base64.b64decode(receipt["payload"]))["event"]


def receive(node, agency, exchange_id, folder):
    """Waits for one document, leases it, downloads what is attached, checks it, confirms it."""
    inbox, after = f"/v1/agencies/{agency}/inbox", 0
    while True:
        page = node.call("GET", f"{inbox}?after={after}&waitSeconds=30&kind=PACKET_KIND_DOCUMENT")
        items = page.get("items", [])
        found = [item for item in items if item["document"]["exchangeId"] == exchange_id]
        if found:
            break
        if not items:
            raise TimeoutError("nothing came within 30 s")
        after = items[-1]["item"]
    item = found[0]["item"]
    lease = node.post(f"{inbox}/{item}/lease", {"seconds": 120})["lease"]
    document = node.call("GET", f"/v1/documents/{exchange_id}")
    for attachment in document["attachments"]:
        # Proto3 JSON leaves out zeros: the first attachment has no index.
        index = attachment.get("index", 0)
        # The name is the sender's: without its folders, or it could write anywhere.
        path = os.path.join(folder, os.path.basename(attachment["name"]) or f"{index}")
        with open(path, "xb") as file:
            node.call("GET", f"/v1/documents/{exchange_id}/attachments/{index}", sink=file.write)
        if base64.b64encode(digest(path)[1]).decode() != attachment["sha256"]:
            raise ValueError(f"{path}: SHA-256 khác (differs)")
        print(f"   {attachment['name']}: {attachment['length']} byte, SHA-256 khớp (matches)")
    return node.post(f"{inbox}/{item}/confirm", {"lease": lease})["receipt"]


def main():
    env = os.environ
    try:
        sender_code, receiver_code = env["SENDER_CODE"], env["RECEIVER_CODE"]
        sender = Node(env["NODE"], env["CA"], env["SENDER_CERT"], env["SENDER_KEY"])
        receiver = Node(env["NODE"], env["CA"], env["RECEIVER_CERT"], env["RECEIVER_KEY"])
        signing = env["SENDER_SIGNING_CERT"], env["SENDER_SIGNING_KEY"]
    except KeyError as missing:
        sys.exit(f"thiếu biến môi trường (missing in the environment): {missing}")

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "Phụ lục.txt")
        with open(path, "wb") as file:
            file.write("Nội dung phụ lục\n".encode() * 1000)
        files = [(path, "text/plain")]
        number, today = time.strftime("%H%M%S"), time.strftime("%Y/%m/%d")
        document = {
            "documentId": f"{sender_code},{today},{number}/CV-PY",
            "codeNumber": number,
            "codeNotation": "CV-PY",
            "promulgationDate": today,
            "type": 1,
            "typeName": "Công văn",
            "subject": "Gửi từ Python: kiểm tra dấu tiếng Việt",
            "priority": "PRIORITY_NORMAL",
        }
        metadata = prepare(document, sender_code, [receiver_code], files, *signing)

        acceptance = submit(sender, metadata, files)
        exchange_id = acceptance["exchangeId"]
        report = acceptance["signatureReport"]["signatures"][0]
        print(f"1. Đã nhận (accepted): {exchange_id}, {receipt_event(acceptance['receipt'])}, {report['indication']}")

        again = submit(sender, metadata, files)
        print(f"2. Gửi lại (again): duplicate={again.get('duplicate', False)}, cùng mã={again['exchangeId'] == exchange_id}")

        print("3. Nhận (receive):")
        inbox_folder = os.path.join(folder, "inbox")
        os.mkdir(inbox_folder)
        receipt = receive(receiver, receiver_code, exchange_id, inbox_folder)
        print(f"   {receipt_event(receipt)}")

        status = {"exchangeId": exchange_id, "statusCode": 3, "staff": "Nguyễn Văn A"}
        receiver.post(f"/v1/agencies/{receiver_code}/statuses", status)
        print("4. Đã báo trạng thái (reported): 3")

        for recipient in sender.call("GET", f"/v1/documents/{exchange_id}/tracking")["recipients"]:
            events = [f"{event['event']} {event.get('statusCode', '')}".strip() for event in recipient["events"]]
            print(f"5. Theo dõi (tracking): {recipient['code']} {recipient['state']} {events}")

        metadata["subject"] = "Khác"
        try:
            submit(sender, metadata, files)
        except Problem as problem:
            print(f"6. Từ chối (refused): {problem}")


if __name__ == "__main__":
    main()
