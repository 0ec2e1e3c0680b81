"""Runs the receivers of webhooks in docs/recipes.md unchanged, each against the server of ATTACHE with the token TOKEN.

webhook_recipes.py RECIPES
"""

import http.client
import json
import os
import queue
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

RECEIVERS = [
    ("Receive webhooks in Python", "python", sys.executable, "receiver.py"),
    ("Receive webhooks in JavaScript", "javascript", "node", "receiver.mjs"),
]
TIMEOUT = 30


def recipe(heading, language):
    """Returns the first block of this language under a heading."""
    with open(sys.argv[1], encoding="utf-8") as file:
        section = file.read().split(f"\n## {heading}\n")[1]
    return section.split(f"```{language}\n")[1].split("\n```")[0] + "\n"


def call(method, path, body=None):
    request = urllib.request.Request(os.environ["ATTACHE"] + "/api/v1" + path, method=method)
    request.add_header("Authorization", "Bearer " + os.environ["TOKEN"])
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return json.loads(answer.read() or "null")
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{method} {path}: {error.read().decode()}")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until_it_listens(port):
    deadline = time.monotonic() + TIMEOUT
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline, "the receiver does not listen"
            time.sleep(0.05)


def post(port, headers):
    """Sends an event that Attaché did not sign. Returns the status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    connection.request("POST", "/", body='{"type": "message.created", "data": {"body": "forged"}}', headers=headers)
    return connection.getresponse().status


def delivered(webhook, attempts):
    """Waits until the latest delivery has succeeded after so many attempts. Returns it."""
    deadline = time.monotonic() + TIMEOUT
    while True:
        delivery = call("GET", f"/webhooks/{webhook}/deliveries")["deliveries"][0]
        if delivery["state"] == "delivered" and delivery["attempts"] == attempts:
            return delivery
        assert time.monotonic() < deadline, delivery
        time.sleep(0.05)


def check(heading, language, program, name):
    with open(name, "w", encoding="utf-8") as file:
        file.write(recipe(heading, language))
    port = free_port()
    webhook = call("POST", "/webhooks", {"url": f"http://127.0.0.1:{port}/", "events": ["message.created"]})
    environment = {**os.environ, "SECRET": webhook["secret"], "PORT": str(port)}
    receiver = subprocess.Popen([program, name], env=environment, stdout=subprocess.PIPE, text=True)
    lines = queue.Queue()
    threading.Thread(target=lambda: [lines.put(line.strip()) for line in receiver.stdout], daemon=True).start()
    try:
        wait_until_it_listens(port)
        now = str(int(time.time()))
        forged = {"webhook-id": "forged", "webhook-timestamp": now, "webhook-signature": "v1,Zm9yZ2Vk"}
        assert post(port, forged) == 401 and post(port, {}) == 401, heading
        contact = {"phone": "+15550002002", "firstName": "Wanda"}
        call("POST", "/messages", {"contact": contact, "direction": "inbound", "body": f"Hello {language}"})
        assert lines.get(timeout=TIMEOUT) == f"message.created Hello {language}", heading
        # The same event again is accepted and not processed.
        delivery = delivered(webhook["id"], 1)
        call("POST", f"/webhooks/{webhook['id']}/deliveries/{delivery['id']}/resend")
        delivered(webhook["id"], 2)
        assert lines.empty(), lines.get()
    finally:
        receiver.kill()
        receiver.wait()
    call("DELETE", f"/webhooks/{webhook['id']}")


for each in RECEIVERS:
    check(*each)
print("The receivers of webhooks in docs/recipes.md verify, process once, and reject what is forged.")
