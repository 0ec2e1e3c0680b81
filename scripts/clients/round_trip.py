"""A round trip with the client that openapi-python-client generates: `attache_api`, beside which this file is run."""

import io
import os
import sys
import uuid

from attache_api import AuthenticatedClient
from attache_api.api.contacts import list_contacts, save_contact
from attache_api.api.messages import create_message, create_message_with_attachment, get_message, list_messages, report_delivery
from attache_api.models import (
    Contact,
    ContactPage,
    DeliveryReport,
    DeliveryStatus,
    Direction,
    Error,
    Message,
    MessageContact,
    MessagePage,
    NewContact,
    NewMessage,
    NewMessageWithFiles,
)
from attache_api.types import File

PHONE = "+15550002001"
CONTENT = b"From a generated client."

client = AuthenticatedClient(base_url=os.environ["ATTACHE"], token=os.environ["TOKEN"], raise_on_unexpected_status=True)

contact = save_contact.sync(client=client, body=NewContact(first_name="Petra", phone=PHONE))
assert isinstance(contact, Contact), contact
found = list_contacts.sync(client=client, phone="+1 555 000 2001")
assert isinstance(found, ContactPage) and [one.id for one in found.contacts] == [contact.id], found

to = MessageContact(phone=PHONE)
inbound = NewMessage(contact=to, direction=Direction.INBOUND, external_id="python-1", body="Is somebody there?")
received = create_message.sync_detailed(client=client, body=inbound, idempotency_key=str(uuid.uuid4()))
assert received.status_code == 201 and isinstance(received.parsed, Message), received
again = create_message.sync_detailed(client=client, body=inbound)
assert again.status_code == 200 and again.parsed == received.parsed, again

file = File(payload=io.BytesIO(CONTENT), file_name="hello.txt", mime_type="text/plain")
form = NewMessageWithFiles(file=[file], contact=to, body="Here is the plan.")
sent = create_message_with_attachment.sync(client=client, body=form)
assert isinstance(sent, Message) and sent.attachments[0].name == "hello.txt", sent
reported = report_delivery.sync(client=client, id=sent.id, body=DeliveryReport(status=DeliveryStatus.DELIVERED))
assert isinstance(reported, Message) and reported.delivery_status == DeliveryStatus.DELIVERED, reported
assert get_message.sync(client=client, id=sent.id) == reported

listed = list_messages.sync(client=client, bucket_id=str(contact.channel_id))
assert isinstance(listed, MessagePage) and [one.id for one in listed.messages] == [sent.id, received.parsed.id], listed

refused = create_message.sync(client=client, body=NewMessage(contact=to))
assert isinstance(refused, Error) and refused.data.field == "body", refused
print("openapi-python-client: the round trip works.", file=sys.stderr)
