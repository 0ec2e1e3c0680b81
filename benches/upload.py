"""The peer of large uploads: upload.py FILE PART-SIZE stores a file in parts, four at a time, and prints the seconds."""

import os
import sys
import time

import boto3
from boto3.s3.transfer import TransferConfig

path, part_size = sys.argv[1], int(sys.argv[2])
store = boto3.client(
    "s3",
    endpoint_url=os.environ["TEST_S3_ENDPOINT"],
    region_name=os.environ["TEST_S3_REGION"],
    aws_access_key_id=os.environ["TEST_S3_ACCESS_KEY_ID"],
    aws_secret_access_key=os.environ["TEST_S3_SECRET_ACCESS_KEY"],
)
config = TransferConfig(multipart_chunksize=part_size, multipart_threshold=part_size, max_concurrency=4)
start = time.perf_counter()
store.upload_file(path, os.environ["TEST_S3_BUCKET"], "bench/large", Config=config, ExtraArgs={"ChecksumAlgorithm": "SHA256"})
print(time.perf_counter() - start)
