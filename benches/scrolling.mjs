// How a feed full of pictures scrolls, as Chromium sees it.

import { createRequire } from "node:module";
import { ACCOUNT } from "./client.mjs";

const { chromium } = createRequire(import.meta.url)("@playwright/test");

/**
 * Scrolls from the newest message to the oldest, by what they say, twice, for looking at what is in view would lengthen the frames.
 * Answers milliseconds of each frame of the first time, how far what is in view jumped beyond the scrolling, in pixels, at the second,
 * and how many pictures there were. The browser's own measure of layout shift counts every message that comes in above in a column that
 * is anchored at its end, though nothing moves.
 */
export async function scrollThroughPictures(base, channel, newest, oldest) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.request.post(`${base}/api/auth/log-in`, { data: ACCOUNT });
    await open(page, base, channel, newest);
    await page.evaluate(watchFrames);
    await scrollUp(page, oldest);
    const frames = await page.evaluate(() => globalThis.seen.frames);
    const pictures = await page.locator("#feed article img").count();
    await open(page, base, channel, newest);
    await page.evaluate(watchJumps);
    await scrollUp(page, oldest);
    const jump = await page.evaluate(() => globalThis.seen.jump);
    return { frames, jump, pictures };
  } finally {
    await browser.close();
  }
}

async function open(page, base, channel, newest) {
  await page.goto(`${base}/inbox/${channel}`);
  await page.getByText(newest, { exact: true }).waitFor();
  await page.waitForTimeout(2000);
  await page.locator("#feed").hover();
}

/** By the wheel, until the first message is in view. Asked in a way that costs the page nothing. */
async function scrollUp(page, oldest) {
  const isAtTop = () => {
    const feed = document.getElementById("feed");
    return !feed.querySelector(".feed-more") && feed.scrollHeight - feed.clientHeight + feed.scrollTop < 2;
  };
  for (let turns = 0; turns < 3000 && !(await page.evaluate(isAtTop)); turns++) {
    await page.mouse.wheel(0, -400);
    await page.waitForTimeout(16);
  }
  await page.getByText(oldest, { exact: true }).waitFor();
}

function watchFrames() {
  const seen = { frames: [], last: 0 };
  globalThis.seen = seen;
  const frame = (now) => {
    if (seen.last) seen.frames.push(now - seen.last);
    seen.last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

/** What is in the middle of the window, and where it would stand without the scrolling. */
function watchJumps() {
  const element = document.getElementById("feed");
  const seen = { jump: 0 };
  globalThis.seen = seen;
  const middle = () => {
    const { left, top, width, height } = element.getBoundingClientRect();
    return document.elementsFromPoint(left + width / 2, top + height / 2).map((one) => one.closest("article")).find(Boolean);
  };
  const place = (article) => article.getBoundingClientRect().top + element.scrollTop;
  let article, before;
  const frame = () => {
    if (article?.isConnected) seen.jump = Math.max(seen.jump, Math.abs(place(article) - before));
    article = middle();
    before = article && place(article);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}
