#!/usr/bin/env python3
"""A gateway for text messages: what contacts send arrives in Attaché, and replies go out as text messages, with pictures in both directions.

It keeps nothing: Attaché knows what was sent. It needs Python 3.9 or newer, and no packages. README.md says how to set it up.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MAX_BODY = 1_000_000
MAX_PICTURE = 20_000_000
TIMEOUT = 30
# A webhook that is older, in seconds, was recorded and sent again by somebody else.
MAX_AGE = 300
# The provider's words for what became of a message, and those of Attaché.
STATUSES = {
    "accepted": "queued", "queued": "queued", "sending": "queued", "sent": "sent",
    "delivered": "delivered", "read": "read", "undelivered": "failed", "failed": "failed",
}  # fmt: skip


def setting(name, default=None):
    value = os.environ.get(name) or default
    if value is None:
        sys.exit(f"Set {name}. README.md describes the settings.")
    return value


class Settings:
    def __init__(self):
        self.attache = setting("ATTACHE").rstrip("/")
        self.token = setting("ATTACHE_TOKEN")
        self.webhook_secret = setting("WEBHOOK_SECRET")
        self.provider = setting("PROVIDER_URL").rstrip("/")
        self.provider_key = setting("PROVIDER_KEY")
        # Part of the URLs that the provider calls. Nobody else knows it.
        self.callback_secret = setting("CALLBACK_SECRET")
        self.public_url = setting("GATEWAY_URL").rstrip("/")
        self.number = setting("SMS_NUMBER")
        self.address = (setting("IP", "127.0.0.1"), int(setting("PORT", "8090")))


class Refused(Exception):
    """The other side has answered that it will not do this: trying again changes nothing."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def fetch(request, limit=MAX_BODY):
    """Returns type and bytes of the answer. Raises Refused, or OSError for what may work later."""
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
            body = response.read(limit + 1)
            if len(body) > limit:
                raise Refused(413, "The answer is too large.")
            return response.headers.get("Content-Type", ""), body
    except urllib.error.HTTPError as error:
        text = error.read(MAX_BODY).decode(errors="replace")
        if error.code in (408, 409, 429) or error.code >= 500:
            raise OSError(f"{request.full_url}: {error.code} {text}") from error
        try:
            message = json.loads(text)["message"]
        except (ValueError, KeyError, TypeError):
            message = text or error.reason
        raise Refused(error.code, str(message)) from error


class Attache:
    """The REST API of Attaché."""

    def __init__(self, settings):
        self.root = f"{settings.attache}/api/v1"
        self.token = settings.token

    def call(self, method, path, body=None, content_type="application/json"):
        data = json.dumps(body).encode() if content_type == "application/json" and body is not None else body
        request = urllib.request.Request(f"{self.root}{path}", data, method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        if data is not None:
            request.add_header("Content-Type", content_type)
        return json.loads(fetch(request)[1])

    def receive(self, phone, text, external_id, pictures):
        """Stores a text message of a contact. The same external_id is stored once."""
        message = {"contact": {"phone": phone}, "direction": "inbound", "externalId": external_id, "body": text}
        if not pictures:
            return self.call("POST", "/messages", message)
        boundary = secrets.token_hex(16)
        parts = []
        for name, value in message.items():
            value = value if isinstance(value, str) else json.dumps(value)
            parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
        for name, content_type, content in pictures:
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            parts.append(f"{head}Content-Type: {content_type}\r\n\r\n".encode() + content + b"\r\n")
        form = b"".join([*parts, f"--{boundary}--\r\n".encode()])
        return self.call("POST", "/messages/with-attachment", form, f"multipart/form-data; boundary={boundary}")

    def message(self, message):
        return self.call("GET", f"/messages/{message}")

    def phone_of(self, contact):
        phones = self.call("GET", f"/contacts/{contact}")["phones"]
        preferred = [phone for phone in phones if phone["preferred"]]
        return (preferred or phones or [{"number": None}])[0]["number"]

    def url_of(self, attachment):
        """Returns a URL that the provider can fetch for an hour, without a token."""
        return self.call("GET", f"/attachments/{attachment}/download?redirect=false")["url"]

    def report(self, message, status, error=None, external_id=None):
        report = {"status": status, "error": error and error[:500], "externalId": external_id}
        return self.call("PATCH", f"/messages/{message}/delivery", report)


class Provider:
    """A provider of text messages with an API like many of them have. Change this class for yours."""

    def __init__(self, settings):
        self.settings = settings

    def send(self, to, text, pictures, reference):
        """Returns the provider's id. The same reference is sent once."""
        callback = f"{self.settings.public_url}/{self.settings.callback_secret}/status/{reference}"
        form = {"From": self.settings.number, "To": to, "Body": text, "MediaUrl": pictures, "StatusCallback": callback}
        data = urllib.parse.urlencode(form, doseq=True).encode()
        request = urllib.request.Request(f"{self.settings.provider}/messages", data)
        request.add_header("Authorization", f"Bearer {self.settings.provider_key}")
        request.add_header("Idempotency-Key", reference)
        return json.loads(fetch(request)[1])["sid"]

    def pictures(self, form):
        """Returns name, type and bytes of the pictures of a received message."""
        for index in range(int(form.get("NumMedia") or 0)):
            request = urllib.request.Request(form[f"MediaUrl{index}"])
            request.add_header("Authorization", f"Bearer {self.settings.provider_key}")
            content_type, content = fetch(request, MAX_PICTURE)
            content_type = content_type.split(";")[0].strip() or "application/octet-stream"
            yield f"picture-{index + 1}.{content_type.split('/')[-1]}", content_type, content


def is_signed(secret, headers, body):
    """Verifies a webhook by the Standard Webhooks specification (https://www.standardwebhooks.com)."""
    message, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > MAX_AGE:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{message}.{timestamp}.".encode() + body, hashlib.sha256)
    expected = b"v1," + base64.b64encode(mac.digest())
    given = headers.get("webhook-signature", "").encode().split()
    return any(hmac.compare_digest(one, expected) for one in given)


class Gateway:
    def __init__(self, settings):
        self.settings = settings
        self.attache = Attache(settings)
        self.provider = Provider(settings)
        self.sending = threading.Lock()

    def on_event(self, event):
        """Sends a message that was written to a contact."""
        message = event["data"]
        is_ours = event["type"] == "message.created" and message["direction"] == "outbound" and message["contactId"]
        if not is_ours:
            return
        # One after the other: a webhook that is delivered twice finds the message sent.
        with self.sending:
            try:
                self.send(self.attache.message(message["id"]))
            except Refused as refused:
                # It was deleted, or the token may not view it any more.
                print(f"message {message['id']} is not sent: {refused}", file=sys.stderr, flush=True)

    def send(self, message):
        if message["externalId"] or message["deliveryStatus"] == "failed":
            return
        phone = self.attache.phone_of(message["contactId"])
        if not phone:
            self.attache.report(message["id"], "failed", "The contact has no phone number.")
            return
        text = "\n".join(part for part in (message["title"], message["subtitle"], message["body"]) if part)
        files = message["attachments"]
        urls = [file.get("url") or self.attache.url_of(file["attachmentUuid"]) for file in files]
        try:
            sid = self.provider.send(phone, text, urls, message["id"])
        except Refused as refused:
            self.attache.report(message["id"], "failed", str(refused))
            return
        self.attache.report(message["id"], "sent", external_id=sid)

    def on_text_message(self, form):
        """Stores a message that the provider has received."""
        pictures = list(self.provider.pictures(form))
        self.attache.receive(form["From"], form.get("Body", ""), form["MessageSid"], pictures)

    def on_status(self, message, form):
        status = STATUSES.get(form["MessageStatus"])
        if status:
            error = form.get("ErrorMessage") or form.get("ErrorCode") if status == "failed" else None
            self.attache.report(message, status, error, form["MessageSid"])


class Handler(BaseHTTPRequestHandler):
    timeout = TIMEOUT

    def do_POST(self):
        try:
            self.answer(self.handle_post())
        except Refused as refused:
            # Attaché or the provider rejects it, and would reject it again.
            self.log_error("rejected: %s %s", refused.status, refused)
            self.answer(422)
        except (OSError, ValueError, KeyError) as error:
            # Both sides try again later.
            self.log_error("failed: %r", error)
            self.answer(503)

    def handle_post(self):
        gateway, secret = self.server.gateway, self.server.gateway.settings.callback_secret
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= MAX_BODY:
            self.close_connection = True
            return 413
        body = self.rfile.read(length)
        path = self.path.split("?")[0].strip("/").split("/")
        if path == ["attache"]:
            if not is_signed(gateway.settings.webhook_secret, self.headers, body):
                return 401
            gateway.on_event(json.loads(body))
            return 204
        if not hmac.compare_digest(path[0].encode(), secret.encode()):
            return 404
        form = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
        if path[1:] == ["inbound"]:
            gateway.on_text_message(form)
            return 204
        if path[1:2] == ["status"] and len(path) == 3:
            gateway.on_status(path[2], form)
            return 204
        return 404

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, text, *arguments):
        # The path contains the secret of the provider's URLs.
        line = (text % arguments).replace(self.server.gateway.settings.callback_secret, "…")
        print(time.strftime("%Y-%m-%dT%H:%M:%S"), line, file=sys.stderr, flush=True)


def main():
    settings = Settings()
    server = ThreadingHTTPServer(settings.address, Handler)
    server.gateway = Gateway(settings)
    print(f"The gateway listens on http://{settings.address[0]}:{server.server_port}", file=sys.stderr, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
