// How a feed full of pictures scrolls, as Chromium sees it.

import { createRequire } from "node:module";
import { ACCOUNT } from "./client.mjs";

const { chromium } = createRequire(import.meta.url)("@playwright/test");

/**
 * Scrolls from the newest message to the first. Answers milliseconds of each frame, how far what is in view jumped
 * beyond the scrolling, in pixels, and how many pictures there were. The browser's own measure of layout shift counts every message
 * that comes in above in a column that is anchored at its end, though nothing moves.
 */
export async function scrollThroughPictures(base, channel) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.request.post(`${base}/api/auth/log-in`, { data: ACCOUNT });
    await page.goto(`${base}/inbox/${channel}`);
    const feed = page.getByRole("log").or(page.getByRole("feed")).first();
    await page.getByText("Round 199", { exact: true }).waitFor();
    await page.waitForTimeout(2000);
    await feed.hover();
    await page.evaluate(() => {
      const element = document.getElementById("feed");
      const seen = { frames: [], jump: 0, last: 0 };
      globalThis.seen = seen;
      // What is in the middle of the window, and where it would stand without the scrolling.
      const middle = () => {
        const { left, top, width, height } = element.getBoundingClientRect();
        return document.elementsFromPoint(left + width / 2, top + height / 2).map((one) => one.closest("article")).find(Boolean);
      };
      const place = (article) => article.getBoundingClientRect().top + element.scrollTop;
      let article, before;
      const frame = (now) => {
        if (seen.last) seen.frames.push(now - seen.last);
        seen.last = now;
        if (article?.isConnected) seen.jump = Math.max(seen.jump, Math.abs(place(article) - before));
        article = middle();
        before = article && place(article);
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
    const first = page.getByText("Round 0", { exact: true });
    for (let turns = 0; turns < 3000 && !(await first.count()); turns++) {
      await page.mouse.wheel(0, -400);
      await page.waitForTimeout(16);
    }
    await first.waitFor({ state: "attached", timeout: 1000 });
    const pictures = await feed.locator("article img").count();
    return { ...(await page.evaluate(() => ({ frames: globalThis.seen.frames, jump: globalThis.seen.jump }))), pictures };
  } finally {
    await browser.close();
  }
}
