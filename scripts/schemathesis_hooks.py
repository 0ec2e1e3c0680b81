"""What a schema cannot say of the REST API, for Schemathesis: which requests that fit the document are refused all the same, and why.

Each reason is one line of REASONS; another refusal of a request that fits the document fails the run. The statuses alone are let through in
schemathesis.toml, operation by operation.
"""

import itertools
import re
import uuid

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import EnsureResourceAvailability
from schemathesis.specs.openapi.checks import ensure_resource_availability, negative_data_rejection

# Operation: pattern over "status kind field". A field of a list has its index there.
NO_BUCKET = r"422 invalid_value bucketId"  # A token that is bound to a bucket may leave it out; the one of this run is not bound.
NO_TEXT = r"422 invalid_value (body|title|subtitle)"  # White space alone says nothing, and is taken off before a text is measured.
ONLY_CONTACTS = r"(400 malformed_request|422 invalid_value) direction"  # Inbound is for the channel of a contact, and a bucket is none.
NO_URL = r"400 invalid_url (attachments\[\d+\]|imageUrl|videoUrl|gifUrl)"  # Not every text is a URL that a browser may be led to.
ONE_OF_TWO = r"400 malformed_request attachments\[\d+\]"  # Either url with mediaType, or attachmentUuid.
NO_INTERNET = r"400 (remote_fetch_failed|remote_fetch_timeout|invalid_url) (url|attachments\[\d+\])"  # Nothing is fetched here.
OTHER_BYTES = r"400 (media_type_mismatch|file_type_not_allowed) (file|mediaType|attachments\[\d+\])"  # Type is found in the bytes.
EMPTY_FILE = r"422 invalid_value file"  # A file of no bytes.
TOO_MANY = r"422 invalid_value attachments"  # Of all lists together 100, and each may have as many.
NO_CONTACT = r"422 invalid_value contact(\.\w+)?"  # One of phone, email and id, and a text that is one.
CONTROL = r"422 invalid_value externalId"  # A control character.
MESSAGE = [NO_CONTACT, CONTROL, NO_BUCKET, NO_TEXT, ONLY_CONTACTS, NO_URL, ONE_OF_TWO, NO_INTERNET, OTHER_BYTES, TOO_MANY]
NAME = r"422 invalid_value name"  # White space or a control character.
NO_CARD = r"422 invalid_value (firstName|lastName|phones|email|company|note)"  # No name, a text that is no phone or email, or a control character.
NO_ICON = r"422 invalid_value iconAttachmentUuid"  # A stored file that is no picture, or too large a one.
NO_TARGET = r"400 invalid_url url"  # Not every text is an https URL on the public internet.
REASONS = {
    "POST /api/v1/webhooks": [NO_TARGET],
    "PATCH /api/v1/webhooks/{id}": [NO_TARGET],
    "POST /api/v1/messages": MESSAGE,
    "POST /api/v1/messages/with-attachment": [*MESSAGE, EMPTY_FILE],
    "PATCH /api/v1/messages/{id}": [NO_TEXT],
    # Only a failure has an error.
    "PATCH /api/v1/messages/{id}/delivery": [CONTROL, r"422 invalid_value error"],
    "GET /api/v1/contacts": [r"422 invalid_value (phone|email)"],
    "POST /api/v1/contacts": [NO_CARD],
    "PATCH /api/v1/contacts/{id}": [NO_CARD],
    # Not for a bucket, and a password of white space.
    "POST /api/v1/file-requests": [r"422 invalid_value (channelId|note|kinds|expiresIn|maxFiles|maxBytes|password)"],
    "POST /api/v1/attachments/upload": [OTHER_BYTES, EMPTY_FILE],
    "POST /api/v1/attachments/download-from-url": [NO_INTERNET],
    # Its bytes never came.
    "POST /api/v1/attachments/{id}/complete": [r"422 object_missing "],
    "POST /api/v1/attachments/presign": [r"422 invalid_value (contentType|checksumSha256)"],
    "POST /api/v1/buckets": [NAME, NO_ICON],
    "PATCH /api/v1/buckets/{id}": [NAME, NO_ICON],
    # A time that is over.
    "POST /api/v1/access-tokens": [NAME, r"422 invalid_value expiresAt"],
}

keys = itertools.count()
deleted_buckets = set()
open_buckets = set()  # With public downloads.


@schemathesis.hook
def before_call(context, case, kwargs):
    """Each request is a new one. Made-up keys come again and again, and are then answered as before: tests/api/rest/idempotency.rs."""
    headers = case.headers or {}
    if re.fullmatch(r"[!-~]{1,200}", str(headers.get("Idempotency-Key", ""))):
        case.headers["Idempotency-Key"] = f"contract-{next(keys)}"
    # A chain of requests takes ids from responses; a channel without a contact has none, which is no id.
    for name, value in (case.path_parameters or {}).items():
        if value in (None, "None"):
            case.path_parameters[name] = str(uuid.uuid4())


@schemathesis.check
def refused_for_a_reason(context, response, case):
    """A request that fits the document is refused with 400 or 422 for one of the reasons above alone."""
    if response.status_code not in (400, 422) or case.meta is None or not case.meta.generation.mode.is_positive:
        return
    data = response.json()["data"]
    said = f"{response.status_code} {data['kind']} {data.get('field', '')}"
    reasons = REASONS.get(case.operation.label, [])
    assert any(re.fullmatch(reason, said) for reason in reasons), f"Refused without a reason that is known: {said}"


def has_empty_text(value):
    if isinstance(value, dict):
        return any(has_empty_text(item) for item in value.values())
    return value == "" or isinstance(value, list) and any(has_empty_text(item) for item in value)


@schemathesis.check
def what_does_not_fit_is_refused(context, response, case):
    """negative_data_rejection, with two exceptions that a schema cannot say."""
    try:
        negative_data_rejection(context, response, case)
    except AcceptedNegativeData:
        # An empty text in an optional field of a POST means that the field is omitted, also where a text is of the wrong type.
        omitted = case.method == "POST" and has_empty_text(case.body)
        # A form has no way to say an empty list, or a list where a text belongs: a chain sends such a value as nothing or as its only item.
        flattened = case.media_type == "multipart/form-data" and case.meta.phase.name == "stateful"
        if not (omitted or flattened):
            raise


@schemathesis.hook
def after_call(context, case, response):
    if case.operation.label == "DELETE /api/v1/buckets/{id}" and response.status_code == 204:
        deleted_buckets.add(case.path_parameters["id"])
    if case.operation.label in ("POST /api/v1/buckets", "PATCH /api/v1/buckets/{id}") and response.status_code in (200, 201):
        bucket = response.json()
        (open_buckets.add if bucket["publicDownloads"] else open_buckets.discard)(bucket["id"])


@schemathesis.check
def what_was_made_is_there(context, response, case):
    """ensure_resource_availability, which does not know what else takes a thing away, nor who sees it."""
    try:
        ensure_resource_availability(context, response, case)
    except EnsureResourceAvailability:
        made = context.internals.find_response(case_id=context.internals.find_parent(case_id=case.id).id).json()
        # Something else that the request names.
        another = "field" in response.json()["data"]
        gone_with_its_bucket = made.get("bucketId") in deleted_buckets
        # The icon of a bucket without public downloads is not for everybody.
        private = case.operation.label == "GET /api/v1/buckets/{id}/icon" and case.path_parameters["id"] not in open_buckets
        if not (another or gone_with_its_bucket or private):
            raise
