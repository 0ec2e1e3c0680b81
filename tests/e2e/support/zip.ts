// What is in a zip, as Python's zipfile sees it.
import { execFileSync } from 'node:child_process';

const LOOK = `
import base64, io, json, sys, zipfile
archive = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
assert archive.testzip() is None
print(json.dumps([[name, base64.b64encode(archive.read(name)).decode()] for name in archive.namelist()]))`;

/** The entries in their order, each with its checksum verified. */
export function unzip(bytes: Buffer): Map<string, Buffer> {
  const found = JSON.parse(execFileSync('python3', ['-c', LOOK], { input: bytes, maxBuffer: 1 << 30 }).toString());
  return new Map((found as [string, string][]).map(([name, base64]) => [name, Buffer.from(base64, 'base64')]));
}
