"""Fills a new SQLite installation as one from before messages had numbers and an index, lets the server's jobs upgrade it, and measures requests.

    large.py SERVER [MESSAGES]

A tenth of the messages have a file, whose bytes are missing. Prints processor time of the server for each request, and the limit.
"""

import http.client
import json
import os
import random
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid

CONTACTS = 2000
TEAM_CHANNELS = 20
BATCH = 20_000
MESSAGE_INTERVAL = 60  # In milliseconds.
REPETITIONS = 50
TICK = 1000 / os.sysconf("SC_CLK_TCK")  # Unit of the processor time in /proc, in milliseconds.
ACCOUNT = {"email": "bench@example.com", "password": "correct horse battery"}
JOBS_TIMEOUT = 1800  # In seconds.
KINDS = {"image": ("image/jpeg", "IMAGE"), "video": ("video/mp4", "VIDEO"), "audio": ("audio/mpeg", "AUDIO"), "document": ("application/pdf", "ICON")}

chance = random.Random(1)


class Server:
    def __init__(self, program, data):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = {"DATA_DIR": data, "IP": "127.0.0.1", "PORT": str(port), "API_REQUESTS_PER_MINUTE": "0"}
        self.log = open(os.path.join(data, "server.log"), "ab")
        self.process = subprocess.Popen([program], env={**os.environ, **settings}, stdout=self.log, stderr=self.log)
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.headers = {}
        while True:
            try:
                self.get("/readyz")
                break
            except OSError:
                self.connection.close()
                time.sleep(0.1)

    def request(self, method, path, body=None):
        headers = {**self.headers, "Content-Type": "application/json"} if body else self.headers
        self.connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = self.connection.getresponse()
        read = answer.read()
        if answer.status >= 300:
            sys.exit(f"{method} {path}: {answer.status} {read[:300]}")
        return answer, read

    def get(self, path):
        return self.request("GET", path)[1]

    def log_in(self):
        # The server has closed the idle connection.
        self.connection.close()
        answer, _ = self.request("POST", "/api/auth/log-in", ACCOUNT)
        self.headers = {"Cookie": answer.getheader("set-cookie").split(";")[0]}

    def processor_time(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * TICK

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()


def id_at(milliseconds):
    """A UUIDv7."""
    return milliseconds.to_bytes(6, "big") + bytes([0x70 | chance.randrange(16), chance.randrange(256), 0x80 | chance.randrange(64)]) + chance.randbytes(7)


def fill(path, count):
    database = sqlite3.connect(path)
    database.execute("PRAGMA synchronous = OFF")
    (organization,) = database.execute("SELECT id FROM organizations").fetchone()
    members = [row[0] for row in database.execute("SELECT id FROM members")]
    begin = int(time.time() * 1000) - count * MESSAGE_INTERVAL
    syllables = [consonant + vowel for consonant in "bcdfghklmnprstvw" for vowel in "aeiou"]
    words = ["".join(chance.choices(syllables, k=chance.randrange(2, 5))) for _ in range(20_000)]
    # The frequency of words falls with their rank.
    text = chance.choices(words, weights=[1 / (rank + 1) for rank in range(len(words))], k=1_000_000)
    channels = []
    for number in range(CONTACTS):
        contact, channel, phone = id_at(begin), id_at(begin), f"1555{number:07}"
        first, last = chance.choice(["Jane", "Åsa", "Chen", "Omar"]), chance.choice(words).title()
        columns = "id, organization_id, first_name, last_name, search_text, created_at, updated_at"
        search_text = f"{first} {last} {phone}".lower()
        database.execute(f"INSERT INTO contacts ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", (contact, organization, first, last, search_text, begin, begin))
        database.execute("INSERT INTO contact_phones VALUES (?, 0, ?, TRUE)", (contact, phone))
        columns = "id, organization_id, kind, name, private, contact_id, created_at"
        database.execute(f"INSERT INTO channels ({columns}) VALUES (?, ?, 'contact', '', FALSE, ?, ?)", (channel, organization, contact, begin))
        channels.append((channel, contact))
    for number in range(TEAM_CHANNELS):
        channel, name = id_at(begin), f"team-{number}"
        columns = "id, organization_id, kind, name, private, created_at, name_key, search_text"
        database.execute(f"INSERT INTO channels ({columns}) VALUES (?, ?, 'team', ?, FALSE, ?, ?, ?)", (channel, organization, name, begin, name, name))
        channels.append((channel, None))
    newest, messages, files, links = {}, [], [], []
    for number in range(count):
        now = begin + number * MESSAGE_INTERVAL
        # A few conversations have most messages.
        channel, contact = channels[min(int(chance.paretovariate(0.6)) - 1, len(channels) - 1) if chance.random() < 0.5 else chance.randrange(len(channels))]
        author = (None, contact) if contact and chance.random() < 0.5 else (chance.choice(members), None)
        place = chance.randrange(len(text) - 14)
        body = " ".join(text[place : place + chance.randrange(3, 14)])
        message = newest[channel] = id_at(now)
        messages.append((message, organization, channel, *author, body, now, body))
        if number % 10 == 0:
            kind = chance.choice(list(KINDS))
            (content_type, media_type), file, name = KINDS[kind], id_at(now), f"{chance.choice(words)}_{number}.bin"
            size = chance.randrange(1000, 5_000_000)
            key = str(uuid.UUID(bytes=file))
            files.append((file, organization, author[0], name, size, content_type, content_type, media_type, "complete", file, message, now, now, kind, name, key, channel))
            links.append((message, file))
        if len(messages) == BATCH or number + 1 == count:
            columns = "id, organization_id, channel_id, member_id, contact_id, body, created_at, search_text"
            database.executemany(f"INSERT INTO messages ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", messages)
            columns = "id, organization_id, uploaded_by, file_name, file_size, declared_type, content_type, media_type, status, attempt_id, message_id, created_at, uploaded_at, kind, search_text, object_key, channel_id"
            database.executemany(f"INSERT INTO attachments ({columns}) VALUES ({', '.join('?' * 17)})", files)
            database.executemany("INSERT INTO message_attachments (message_id, attachment_id, position) VALUES (?, ?, 0)", links)
            database.commit()
            messages, files, links = [], [], []
    for channel, message in newest.items():
        database.execute("UPDATE channels SET last_message_id = ?, last_sequence = NULL WHERE id = ?", (message, channel))
    # As the migrations leave an installation that has messages.
    database.execute("INSERT INTO message_index_progress SELECT 1, x'ffffffffffffffffffffffffffffffff', 0, count(*) FROM messages")
    database.execute("UPDATE jobs SET due_at = 0 WHERE name IN ('number_messages', 'index_messages', 'sum_file_totals')")
    database.commit()
    (busiest,) = database.execute("SELECT channel_id FROM messages GROUP BY channel_id ORDER BY count(*) DESC LIMIT 1").fetchone()
    database.close()
    return uuid.UUID(bytes=busiest), words[0]


def wait_for_jobs(path):
    database = sqlite3.connect(path)
    begun = time.monotonic()
    while time.monotonic() < begun + JOBS_TIMEOUT:
        (unindexed,) = database.execute("SELECT count(*) FROM message_index_progress").fetchone()
        (unnumbered,) = database.execute("SELECT count(*) FROM channels WHERE last_sequence IS NULL").fetchone()
        (unsummed,) = database.execute("SELECT count(*) FROM file_total_changes").fetchone()
        if not unindexed and not unnumbered and not unsummed:
            return time.monotonic() - begun
        time.sleep(1)
    sys.exit("The jobs did not end.")


def measure(server, channel, frequent_word):
    """Path of each request, and its limit in milliseconds of processor time with 600,000 messages."""
    requests = {
        "/api/conversations?kind=contact": 3,
        "/inbox": 10,
        f"/inbox/{channel}": 10,
        f"/api/channels/{channel}/feed": 4,
        "/api/files": 5,
        "/api/files/totals": 5,
        "/api/messages/found?search=absentword": 30,
        f"/api/messages/found?search={frequent_word}": 30,
        "/api/files?search=absentword": 30,
        "/api/storage/usage": 40,
    }
    print(f"{'request':64} {'bytes':>8} {'ms':>7} {'limit':>6}")
    for path, limit in requests.items():
        for _ in range(5):
            size = len(server.get(path))
        begun = server.processor_time()
        for _ in range(REPETITIONS):
            server.get(path)
        print(f"{path:64} {size:8} {(server.processor_time() - begun) / REPETITIONS:7.2f} {limit:6}")


def main(program, count):
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR", "/var/tmp")) as data:
        path = os.path.join(data, "attache.db")
        server = Server(program, data)
        server.request("POST", "/api/auth/sign-up", {**ACCOUNT, "name": "Bench", "organization": "Bench"})
        server.stop()
        channel, word = fill(path, count)
        server = Server(program, data)
        try:
            print(f"{count} messages upgraded by jobs in {wait_for_jobs(path):.0f} s")
            server.log_in()
            measure(server, channel, word)
        finally:
            server.stop()


main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 600_000)
