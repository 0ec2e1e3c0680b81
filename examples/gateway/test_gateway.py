#!/usr/bin/env python3
"""Runs the gateway against a real server of Attaché and a fake provider. ATTACHE_SERVER names the server's binary."""

import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from struct import pack

HERE = Path(__file__).parent
PATIENCE = 30
CALLBACK_SECRET = "callback-secret"
PROVIDER_KEY = "provider-key"
UNKNOWN_NUMBER = "+15550009999"


def free_port():
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def picture(gray):
    """Returns a PNG of one pixel."""

    def chunk(kind, data):
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes([0, gray]))) + chunk(b"IEND", b"")


def call(method, url, token=None, body=None, headers=None):
    """Returns status and bytes of the answer."""
    is_json = isinstance(body, (dict, list))
    request = urllib.request.Request(url, json.dumps(body).encode() if is_json else body, headers or {}, method=method)
    if is_json:
        request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def ok(answer):
    status, body = answer
    assert status < 300, f"{status}: {body.decode(errors='replace')}"
    return json.loads(body) if body else None


def until(what, check):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = check()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"in vain: {what}")


def form(url, fields):
    return call("POST", url, body=urllib.parse.urlencode(fields).encode())


class FakeProvider(BaseHTTPRequestHandler):
    """Accepts messages, fetches their pictures, and serves the pictures of those that it sends."""

    sent = []
    received = picture(1)
    is_down = False

    def do_GET(self):
        is_known = self.headers["Authorization"] == f"Bearer {PROVIDER_KEY}" and self.path == "/media/1"
        self.answer(200 if is_known else 404, self.received if is_known else b"", "image/png")

    def do_POST(self):
        fields = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        to = fields["To"][0]
        if self.headers["Authorization"] != f"Bearer {PROVIDER_KEY}":
            return self.answer(401, b"")
        if FakeProvider.is_down:
            FakeProvider.is_down = False
            return self.answer(503, b"")
        if to == UNKNOWN_NUMBER:
            return self.answer(400, json.dumps({"message": "The number does not exist."}).encode())
        # Without a token of Attaché, as a provider has none.
        pictures = [call("GET", url) for url in fields.get("MediaUrl", [])]
        sid = f"OUT{len(self.sent) + 1}"
        message = {"sid": sid, "to": to, "text": fields.get("Body", [""])[0], "pictures": pictures}
        self.sent.append({**message, "callback": fields["StatusCallback"][0], "reference": self.headers["Idempotency-Key"]})
        return self.answer(201, json.dumps({"sid": sid}).encode())

    def answer(self, status, body, content_type="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, text, *arguments):
        pass


class World:
    def __init__(self, folder):
        self.folder = folder
        self.processes = []

    def begin(self):
        folder = self.folder
        self.provider = ThreadingHTTPServer(("127.0.0.1", 0), FakeProvider)
        threading.Thread(target=self.provider.serve_forever, daemon=True).start()
        self.provider_url = f"http://127.0.0.1:{self.provider.server_port}"
        port = free_port()
        self.base = f"http://127.0.0.1:{port}"
        # The gateway has no public address.
        settings = {"DATA_DIR": f"{folder}/data", "IP": "127.0.0.1", "PORT": str(port), "WEBHOOK_ALLOWED_HOSTS": "127.0.0.1"}
        self.start("server", [os.environ["ATTACHE_SERVER"]], settings, f"{self.base}/readyz")
        account = {"email": "sms@example.com", "password": "correct horse battery"}
        ok(call("POST", f"{self.base}/api/auth/sign-up", body={**account, "name": "Mara", "organization": "Harbor Lane"}))
        self.person = ok(call("POST", f"{self.base}/api/v1/auth/login", body=account))["accessToken"]
        scopes = ["messages:read", "messages:write", "contacts:read", "contacts:write", "attachments:read"]
        token = ok(self.api("POST", "/access-tokens", {"name": "SMS gateway", "scopes": scopes}))["secret"]
        port = free_port()
        self.gateway = f"http://127.0.0.1:{port}"
        webhook = {"url": f"{self.gateway}/attache", "events": ["message.created"]}
        self.secret = ok(self.api("POST", "/webhooks", webhook))["secret"]
        settings = {
            "ATTACHE": self.base, "ATTACHE_TOKEN": token, "WEBHOOK_SECRET": self.secret,
            "PROVIDER_URL": self.provider_url, "PROVIDER_KEY": PROVIDER_KEY, "CALLBACK_SECRET": CALLBACK_SECRET,
            "GATEWAY_URL": self.gateway, "SMS_NUMBER": "+15550001111", "PORT": str(port),
        }  # fmt: skip
        self.start("gateway", [sys.executable, str(HERE / "gateway.py")], settings, f"{self.gateway}/x")

    def start(self, name, command, settings, url):
        log = open(f"{self.folder}/{name}.log", "wb")
        process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=log, stderr=log)
        self.processes.append(process)

        def answers():
            assert process.poll() is None, Path(log.name).read_text(errors="replace")
            try:
                return call("GET", url)[0] in (200, 404, 501)
            except OSError:
                return False

        until(f"the {name} starts", answers)

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(PATIENCE)

    def api(self, method, path, body=None, headers=None):
        return call(method, f"{self.base}/api/v1{path}", self.person, body, headers)

    def messages(self, channel):
        return ok(self.api("GET", f"/messages?bucketId={channel}"))["messages"]

    def status(self, message):
        message = ok(self.api("GET", f"/messages/{message}"))
        return message["deliveryStatus"], message["deliveryError"]

    def reply(self, contact, text, content=None):
        """Writes to a contact, as a person does. Returns the message's id."""
        message = {"contact": json.dumps({"id": contact}), "body": text}
        if content is None:
            return ok(self.api("POST", "/messages", {"contact": {"id": contact}, "body": text}))["id"]
        parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in message.items()]
        head = '--b\r\nContent-Disposition: form-data; name="file"; filename="plan.png"\r\nContent-Type: image/png\r\n\r\n'
        body = "".join(parts).encode() + head.encode() + content + b"\r\n--b--\r\n"
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        return ok(self.api("POST", "/messages/with-attachment", body, headers))["id"]

    def sent(self, message):
        return next((sent for sent in FakeProvider.sent if sent["reference"] == message), None)


def a_text_message_arrives_once_with_its_picture(world):
    inbound = f"{world.gateway}/{CALLBACK_SECRET}/inbound"
    fields = {"From": "+15551234567", "Body": "It drips again.", "MessageSid": "IN1"}
    fields |= {"NumMedia": "1", "MediaUrl0": f"{world.provider_url}/media/1", "MediaContentType0": "image/png"}
    for _ in range(2):
        assert form(inbound, fields)[0] == 204
    contacts = ok(world.api("GET", "/contacts?phone=%2B15551234567"))["contacts"]
    assert len(contacts) == 1, contacts
    messages = world.messages(contacts[0]["channelId"])
    assert [(one["body"], one["direction"], one["externalId"]) for one in messages] == [("It drips again.", "inbound", "IN1")]
    file = messages[0]["attachments"][0]["attachmentUuid"]
    url = ok(world.api("GET", f"/attachments/{file}/download?redirect=false"))["url"]
    assert call("GET", url) == (200, FakeProvider.received)
    for path in ("wrong/inbound", "inbound", f"{CALLBACK_SECRET}/nothing"):
        assert form(f"{world.gateway}/{path}", fields)[0] == 404, path
    return contacts[0]["id"]


def a_reply_goes_out_with_its_picture_and_its_status_comes_back(world, contact):
    message = world.reply(contact, "Like this?", picture(2))
    sent = until("the reply is sent", lambda: world.sent(message))
    assert (sent["to"], sent["text"], sent["pictures"]) == ("+15551234567", "Like this?", [(200, picture(2))])
    until("the reply is reported as sent", lambda: world.status(message) == ("sent", None))
    for status, expected in [("delivered", "delivered"), ("sent", "delivered"), ("read", "read")]:
        assert form(sent["callback"], {"MessageSid": sent["sid"], "MessageStatus": status})[0] == 204
        assert world.status(message) == (expected, None)


def a_reply_waits_for_a_provider_that_is_down(world, contact):
    FakeProvider.is_down = True
    message = world.reply(contact, "Still there?")
    until("the reply is sent after a retry", lambda: world.sent(message))
    until("it is reported", lambda: world.status(message) == ("sent", None))
    sent = world.sent(message)
    failed = {"MessageSid": sent["sid"], "MessageStatus": "undelivered", "ErrorMessage": "The phone is switched off."}
    assert form(sent["callback"], failed)[0] == 204
    assert world.status(message) == ("failed", "The phone is switched off.")


def what_cannot_be_sent_says_why(world):
    for contact, reason in [
        ({"phone": UNKNOWN_NUMBER, "firstName": "Nobody"}, "The number does not exist."),
        ({"email": "jane@example.com"}, "The contact has no phone number."),
    ]:
        made = ok(world.api("POST", "/contacts", contact))
        message = world.reply(made["id"], "Hello?")
        until(reason, lambda message=message, reason=reason: world.status(message) == ("failed", reason))


def only_signed_webhooks_are_accepted(world, contact):
    message = world.messages(ok(world.api("GET", f"/contacts/{contact}"))["channelId"])[0]
    body = json.dumps({"type": "message.created", "timestamp": "2026-01-05T09:30:00.123Z", "data": message}).encode()
    before = len(FakeProvider.sent)

    def send(secret, age, body=body):
        now = str(int(time.time()) - age)
        key = base64.b64decode(secret.removeprefix("whsec_"))
        mac = base64.b64encode(hmac.new(key, f"msg.{now}.".encode() + body, hashlib.sha256).digest()).decode()
        headers = {"webhook-id": "msg", "webhook-timestamp": now, "webhook-signature": f"v1,{mac}"}
        return call("POST", f"{world.gateway}/attache", body=body, headers=headers)[0]

    assert send(world.secret, 0) == 204, "and it was sent before"
    assert send("whsec_" + base64.b64encode(b"x" * 32).decode(), 0) == 401
    assert send(world.secret, 3600) == 401
    assert call("POST", f"{world.gateway}/attache", body=body)[0] == 401
    assert len(FakeProvider.sent) == before


def main():
    # Everything here is on this machine.
    os.environ["no_proxy"] = "127.0.0.1"
    with tempfile.TemporaryDirectory(prefix="attache-gateway.") as folder:
        world = World(folder)
        try:
            world.begin()
            contact = a_text_message_arrives_once_with_its_picture(world)
            a_reply_goes_out_with_its_picture_and_its_status_comes_back(world, contact)
            a_reply_waits_for_a_provider_that_is_down(world, contact)
            what_cannot_be_sent_says_why(world)
            only_signed_webhooks_are_accepted(world, contact)
        except BaseException:
            for log in sorted(Path(folder).glob("*.log")):
                print(f"{log.name}:\n{log.read_text(errors='replace')[-5000:]}", file=sys.stderr)
            raise
        finally:
            world.stop()
    print("The gateway works in both directions.")


if __name__ == "__main__":
    main()
