// What the first visit costs, as Chromium counts it on the wire.

import { createRequire } from "node:module";
import { ACCOUNT } from "./client.mjs";

const { chromium } = createRequire(import.meta.url)("@playwright/test");

/**
 * A person without any cache opens the log-in page, logs in and sees a conversation. Answers bytes on the wire, headers
 * included, without the files that people sent: up to the log-in page, until the conversation can be used, in all, and of each file.
 */
export async function firstLoad(base, channel) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium" });
  try {
    const page = await browser.newPage();
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("Network.enable");
    const files = new Map();
    cdp.on("Network.responseReceived", ({ requestId, response }) => {
      if (response.url.includes("/api/messages/attachments/")) return; // What people sent is not the page.
      const encoding = response.headers["content-encoding"] ?? response.headers["Content-Encoding"] ?? "none";
      files.set(requestId, { url: response.url.replace(base, ""), encoding, bytes: response.encodedDataLength });
    });
    // What came so far of a stream that stays open, such as the events, counts too.
    cdp.on("Network.dataReceived", ({ requestId, encodedDataLength }) => {
      const file = files.get(requestId);
      if (file) file.bytes += encodedDataLength;
    });
    cdp.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      const file = files.get(requestId);
      if (file) file.bytes = encodedDataLength;
    });
    const settle = async () => {
      // Not until the network is idle: the stream of events never is.
      await page.waitForLoadState("load");
      await page.waitForTimeout(2000);
    };
    await page.goto(`${base}/log-in?next=${encodeURIComponent(`/inbox/${channel}`)}`);
    await settle();
    const logIn = total(files);
    await page.getByLabel("Email").fill(ACCOUNT.email);
    await page.getByLabel("Password", { exact: true }).fill(ACCOUNT.password);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.waitForURL("**/inbox/**");
    await page.getByRole("textbox", { name: "Message" }).waitFor();
    // Disabled until the page's code has taken over. Some of what is fetched after it is for what may be done next.
    await page.locator("button[aria-label='Attach files']:enabled").waitFor();
    const usable = total(files);
    await settle();
    return { logIn, usable, all: total(files), files: [...files.values()] };
  } finally {
    await browser.close();
  }
}

const total = (files) => [...files.values()].reduce((sum, file) => sum + file.bytes, 0);
