// Starts and stops the two servers that are measured, and reads their memory.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

const running = new Set();

/** Ends every server that is still there; also when the driver itself is ended. */
export async function stopAll() {
  await Promise.all([...running].map(stop));
}
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, async () => {
    await stopAll();
    console.error("Cut off: the whole took too long, or somebody ended it.");
    process.exit(1);
  });
}

export async function stop(server) {
  if (!running.delete(server)) return;
  server.process.kill("SIGTERM");
  const late = setTimeout(() => server.process.kill("SIGKILL"), 15_000);
  await once(server.process, "exit");
  clearTimeout(late);
}

function started(process, base) {
  const server = { process, base };
  running.add(server);
  return server;
}

/** Attaché on a free port, with SQLite and local disk in `folder` unless `settings` say more: what `make run` starts. */
export async function startAttache(folder, settings = {}) {
  const env = { PATH: process.env.PATH, IP: "127.0.0.1", PORT: "0", DATA_DIR: folder, ...settings };
  if (process.env.DIOXUS_PUBLIC_PATH) env.DIOXUS_PUBLIC_PATH = process.env.DIOXUS_PUBLIC_PATH;
  env.NO_COLOR = "1";
  const child = spawn(process.env.ATTACHE_SERVER, { env, stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  const base = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`Attaché did not start:\n${log}`)));
    child.stderr.on("data", (part) => {
      log = (log + part).slice(-4000); // Read to the end, so that the server never waits for it.
      const address = /Attaché is at (http:\S+)/u.exec(log);
      if (address) resolve(address[1]);
    });
  });
  return started(child, base);
}

/** nginx as Debian sets it up (a worker a core, sendfile), without its log of requests. `files` is read, `uploads` written. */
export async function startNginx(folder, files) {
  const port = await freePort();
  mkdirSync(join(folder, "uploads"), { recursive: true });
  mkdirSync(join(folder, "static"));
  const config = `
    worker_processes auto; daemon off; pid ${folder}/pid; error_log ${folder}/error.log;
    ${process.getuid() === 0 ? "user root;" : ""}
    events { worker_connections 768; }
    http {
      sendfile on; tcp_nopush on; access_log off; default_type application/octet-stream;
      client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
      uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
      server {
        listen 127.0.0.1:${port};
        location /files/ { alias ${files}/; }
        location /static/ { alias ${folder}/static/; }
        location /uploads/ { alias ${folder}/uploads/; dav_methods PUT; client_max_body_size 0; }
      }
    }`;
  writeFileSync(join(folder, "nginx.conf"), config);
  const child = spawn("nginx", ["-e", `${folder}/error.log`, "-c", `${folder}/nginx.conf`], { stdio: "inherit" });
  const base = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    const up = await fetch(`${base}/static/`).then(() => true, () => false);
    if (up) return started(child, base);
    if (tries > 50 || child.exitCode !== null) throw new Error("nginx did not start");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Resident memory now and at most, in bytes. */
export function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const bytes = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`, "u").exec(status)[1]) * 1024;
  return { now: bytes("VmRSS"), peak: bytes("VmHWM") };
}

/** The same over a process and those it started. Memory that they share is counted for each. */
export function memoryWithChildren(pid) {
  const children = readdirSync("/proc").filter((entry) => /^\d+$/u.test(entry) && parent(entry) === pid);
  const all = [pid, ...children].map(memory);
  return { now: sum(all.map((one) => one.now)), peak: sum(all.map((one) => one.peak)) };
}

function parent(pid) {
  try {
    return Number(/PPid:\s+(\d+)/u.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);
  } catch {
    return 0; // It ended meanwhile.
  }
}

/** From here on the peak counts anew. */
export function forgetPeak(pid) {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
