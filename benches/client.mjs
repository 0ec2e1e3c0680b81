// What a program does with Attaché's API, for the benchmarks: docs/http.md says it in words.

import { statSync } from "node:fs";
import { transfer } from "./measure.mjs";

export const ACCOUNT = { email: "bench@example.com", password: "correct horse battery" };

export class Client {
  constructor(base, cookie) {
    this.base = base;
    this.headers = { Cookie: cookie };
  }

  /** Makes the account and its organization, and is logged in. */
  static async signUp(base) {
    const body = JSON.stringify({ ...ACCOUNT, name: "Bench", organization: "Bench" });
    const headers = { "Content-Type": "application/json" };
    const response = await fetch(`${base}/api/auth/sign-up`, { method: "POST", headers, body });
    if (!response.ok) throw new Error(await response.text());
    return new Client(base, response.headers.get("set-cookie").split(";")[0]);
  }

  async post(path, value) {
    const init = { method: "POST", headers: { ...this.headers } };
    if (value) {
      init.headers["Content-Type"] = "application/json";
      init.body = JSON.stringify(value);
    }
    const response = await fetch(this.base + path, init);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  async channel(name) {
    return (await this.post("/api/channels", { name, kind: "team", private: false })).id;
  }

  presign(channelId, fileName, fileSize, contentType = "application/octet-stream") {
    return this.post("/api/uploads/presign", { type: "attachment", channelId, fileName, fileSize, contentType });
  }

  /** Signs and sends a file. Answers its id. */
  async put(channel, path, name, contentType) {
    const signed = await this.presign(channel, name, statSync(path).size, contentType);
    await transfer(signed.uploadUrl, { headers: signed.headers, upload: path });
    return signed.resourceId;
  }

  complete(id) {
    return this.post(`/api/attachments/${id}/complete`);
  }

  /** Stores a file as a browser does: presign, PUT, complete. Answers its id. */
  async store(channel, path, name, contentType) {
    const id = await this.put(channel, path, name, contentType);
    await this.complete(id);
    return id;
  }

  /** The same of bytes that are in memory. */
  async storeBytes(channel, body, name, contentType) {
    const { uploadUrl, method, headers, resourceId } = await this.presign(channel, name, body.length, contentType);
    const answer = await fetch(uploadUrl, { method, headers, body });
    if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
    await this.complete(resourceId);
    return resourceId;
  }

  /** The newest message. */
  async latest(channel) {
    const response = await fetch(`${this.base}/api/channels/${channel}/messages`, { headers: this.headers });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json())[0];
  }

  send(channel, body, attachmentIds = []) {
    return this.post(`/api/channels/${channel}/messages`, { body, attachmentIds });
  }
}
