// The page of a file request: uploads with progress, which go on after a lost line or a reload. Without it the page is a plain form.
// Written for old phones: no syntax newer than async functions.
'use strict';

(function () {
  const marked = document.querySelector('[data-request]');
  if (!marked || !window.fetch || !window.FormData || !('upload' in new XMLHttpRequest())) {
    return;
  }
  const base = '/r/' + marked.dataset.request;
  const MEMORY = 'attache-request:' + base;
  const form = document.getElementById('form');
  if (!form) {
    // "Sent": what is remembered of it is done.
    forget();
    return;
  }

  // How many uploads run at once, and how long a lost line is waited for, in milliseconds.
  const SLOTS = 3;
  const PAUSES = [1000, 3000, 5000, 10000];
  // Files of one message.
  const MESSAGE_MAX = 100;

  const list = document.getElementById('list');
  const error = document.getElementById('error');
  const text = document.getElementById('message');
  const button = document.getElementById('send');
  let key = form.elements.key.value;
  let uploads = [];
  let running = 0;
  let wantsToSend = false;

  // ---- What is remembered over a reload: a list in localStorage, the bytes in IndexedDB.

  function forget() {
    try {
      const known = JSON.parse(localStorage.getItem(MEMORY) || '{}');
      (known.uploads || []).forEach((upload) => bytes('readwrite', (store) => store.delete(upload.key)).catch(nothing));
      localStorage.removeItem(MEMORY);
    } catch (_) {
      nothing();
    }
  }

  function nothing() {}

  function remember() {
    const kept = uploads.map((upload) => ({
      key: upload.key, id: upload.id, name: upload.name, size: upload.size, type: upload.type, done: upload.state === 'done',
    }));
    try {
      localStorage.setItem(MEMORY, JSON.stringify({ key, text: text.value, uploads: kept }));
    } catch (_) {
      nothing();
    }
  }

  function bytes(mode, act) {
    return new Promise((resolve, reject) => {
      const opening = indexedDB.open('attache-requests', 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore('files');
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const transaction = opening.result.transaction('files', mode);
        const request = act(transaction.objectStore('files'));
        transaction.oncomplete = () => resolve(request.result);
        transaction.onabort = transaction.onerror = () => reject(transaction.error);
      };
    });
  }

  // ---- The server

  class Refused extends Error {
    constructor(message, status, wait) {
      super(message);
      this.status = status;
      this.wait = wait;
    }
  }

  const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time));

  // Asks the server. A lost line and a server that is busy are waited for; what it refuses is thrown.
  async function ask(method, path, body, upload) {
    for (let attempt = 0; ; attempt++) {
      const pause = PAUSES[Math.min(attempt, PAUSES.length - 1)];
      let answer;
      try {
        answer = await fetch(base + path, {
          method,
          credentials: 'same-origin',
          headers: body === undefined ? {} : { 'content-type': 'application/json' },
          body: body === undefined ? undefined : JSON.stringify(body),
        });
      } catch (_) {
        await wait(upload, pause);
        continue;
      }
      if (answer.ok) {
        return answer.json();
      }
      const data = await answer.json().then((json) => json.data || {}, () => ({}));
      const seconds = Number(answer.headers.get('retry-after')) || data.retryAfter;
      // A daily limit is not waited for.
      if ((answer.status === 429 && seconds <= 300) || answer.status === 503) {
        await wait(upload, Math.max(seconds * 1000 || 0, pause));
        continue;
      }
      throw new Refused(data.message || 'The server rejected this (' + answer.status + ').', answer.status);
    }
  }

  async function wait(upload, time) {
    if (upload) {
      show(upload, 'Waiting for the connection…');
    }
    await sleep(time);
    if (upload && upload.state === 'canceled') {
      throw new Refused('Canceled', 0);
    }
  }

  // Runs `work` in one of the upload slots that all tabs of this site share: src/files/uploads/slots.rs. Without locks, runs it now.
  function inSlot(work) {
    if (!navigator.locks) {
      return work();
    }
    return new Promise((resolve) => {
      let hasBegun = false;
      const begin = () => {
        if (!hasBegun) {
          hasBegun = true;
          const done = work();
          resolve(done);
          return done;
        }
      };
      for (let slot = 1; slot <= SLOTS; slot++) {
        navigator.locks.request('attache-upload-slot-' + slot, begin);
      }
    });
  }

  // Sends bytes to a signed URL. Resolves to the status; 0 for a lost line or a canceled upload.
  function put(upload, url, headers, blob, onProgress) {
    return inSlot(() => canceled(upload) ? Promise.resolve(0) : send(upload, url, headers, blob, onProgress));
  }

  function send(upload, url, headers, blob, onProgress) {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      upload.requests.push(request);
      request.open('PUT', url);
      Object.keys(headers).forEach((name) => {
        if (name.toLowerCase() !== 'content-length') {
          request.setRequestHeader(name, headers[name]);
        }
      });
      request.upload.onprogress = (event) => onProgress(event.loaded);
      request.onloadend = () => {
        upload.requests = upload.requests.filter((other) => other !== request);
        resolve(request.status);
      };
      request.send(blob);
    });
  }

  async function sha256(blob) {
    const content = await new Response(blob).arrayBuffer();
    let digest;
    if (window.crypto && crypto.subtle) {
      digest = new Uint8Array(await crypto.subtle.digest('SHA-256', content));
    } else {
      // On plain http the browser has none.
      const module = await import(new URL('/sha256.js', location.origin).href);
      const hash = module.sha256.create();
      hash.update(new Uint8Array(content));
      digest = hash.digest();
    }
    return btoa(String.fromCharCode.apply(null, digest));
  }

  // ---- One upload

  function canceled(upload) {
    return upload.state === 'canceled';
  }

  async function run(upload) {
    let signed;
    if (!upload.id) {
      const body = { fileName: upload.name, fileSize: upload.size, contentType: upload.type };
      signed = await ask('POST', '/uploads', body, upload);
      upload.id = signed.resourceId;
      upload.plan = signed.multipart;
      if (canceled(upload)) {
        ask('DELETE', '/uploads/' + upload.id).catch(nothing);
        return;
      }
      remember();
    } else if (upload.failed || !upload.plan) {
      signed = await ask('POST', '/uploads/' + upload.id + '/retry', undefined, upload);
      upload.plan = signed.multipart;
    }
    upload.failed = false;
    if (canceled(upload)) {
      return;
    }
    await (upload.plan ? sendParts(upload) : sendWhole(upload, signed));
    if (canceled(upload)) {
      return;
    }
    show(upload, 'Checking…', 1);
    await ask('POST', '/uploads/' + upload.id + '/complete', undefined, upload);
  }

  async function sendWhole(upload, first) {
    let signed = first;
    for (let attempt = 0; !canceled(upload); attempt++) {
      const status = await put(upload, signed.uploadUrl, signed.headers, upload.file, (sent) => progress(upload, sent));
      if (status >= 200 && status < 300) {
        return;
      }
      await wait(upload, PAUSES[Math.min(attempt, PAUSES.length - 1)]);
      // The URL may have expired meanwhile.
      signed = await ask('POST', '/uploads/' + upload.id + '/retry', undefined, upload);
    }
  }

  async function sendParts(upload) {
    const plan = upload.plan;
    const known = await ask('GET', '/uploads/' + upload.id + '/parts', undefined, upload);
    const there = known.parts.map((part) => part.partNumber);
    let sent = known.parts.reduce((sum, part) => sum + part.size, 0);
    for (let number = 1; number <= plan.partCount; number++) {
      if (there.indexOf(number) >= 0) {
        continue;
      }
      const start = (number - 1) * plan.partSize;
      const blob = upload.file.slice(start, Math.min(start + plan.partSize, upload.size));
      const checksum = await sha256(blob);
      for (let attempt = 0; ; attempt++) {
        if (canceled(upload)) {
          return;
        }
        const body = { parts: [{ partNumber: number, checksumSha256: checksum }] };
        const part = (await ask('POST', '/uploads/' + upload.id + '/parts', body, upload)).parts[0];
        const before = sent;
        const status = await put(upload, part.uploadUrl, part.headers, blob, (done) => progress(upload, before + done));
        if (status >= 200 && status < 300) {
          break;
        }
        await wait(upload, PAUSES[Math.min(attempt, PAUSES.length - 1)]);
      }
      sent += blob.size;
      progress(upload, sent);
    }
  }

  function pump() {
    uploads.forEach((upload) => {
      if (upload.state !== 'queued' || running >= SLOTS || !upload.file) {
        return;
      }
      running++;
      upload.state = 'sending';
      show(upload, 'Starting…', 0);
      run(upload).then(
        () => {
          if (!canceled(upload)) {
            upload.state = 'done';
            show(upload, size(upload.size) + ', uploaded');
            bytes('readwrite', (store) => store.delete(upload.key)).catch(nothing);
          }
        },
        (refused) => {
          if (canceled(upload)) {
            return;
          }
          upload.state = 'failed';
          upload.failed = Boolean(upload.id);
          // The upload is gone: Retry begins another one.
          if (refused.status === 404) {
            upload.id = upload.plan = undefined;
          }
          show(upload, refused.message);
        },
      ).then(() => {
        running--;
        remember();
        pump();
        sendIfReady();
      });
    });
    button.textContent = wantsToSend ? 'Sending…' : 'Send';
  }

  // ---- What is seen

  const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

  function size(count) {
    let unit = 0;
    while (count >= 1000 && unit < UNITS.length - 1) {
      count /= 1000;
      unit++;
    }
    return (unit && count < 10 ? count.toFixed(1) : Math.round(count)) + ' ' + UNITS[unit];
  }

  function element(tag, className, content) {
    const made = document.createElement(tag);
    made.className = className;
    if (content !== undefined) {
      made.textContent = content;
    }
    return made;
  }

  function act(upload, label, does) {
    const made = element('button', 'btn small', label);
    made.type = 'button';
    made.setAttribute('aria-describedby', upload.key);
    made.onclick = does;
    return made;
  }

  function draw(upload) {
    const row = element('li', '');
    const name = element('bdi', 'name', upload.name || 'File');
    name.id = upload.key;
    const bar = element('span', 'bar');
    bar.setAttribute('role', 'progressbar');
    bar.setAttribute('aria-label', upload.name || 'File');
    bar.appendChild(element('i', ''));
    [name, element('span', 'state'), element('span', 'acts'), bar].forEach((child) => row.appendChild(child));
    upload.row = row;
    list.appendChild(row);
  }

  function show(upload, state, part) {
    const row = upload.row;
    if (upload.shown !== upload.state) {
      upload.shown = upload.state;
      row.dataset.state = upload.state;
      const acts = row.querySelector('.acts');
      acts.textContent = '';
      if (upload.state === 'failed') {
        acts.appendChild(act(upload, 'Retry', () => retry(upload)));
      }
      const isDone = upload.state === 'done' || upload.state === 'failed' || upload.state === 'lost';
      acts.appendChild(act(upload, isDone ? 'Remove' : 'Cancel upload', () => cancel(upload)));
      row.querySelector('.bar').hidden = isDone;
      // Said once, not with each percent.
      row.querySelector('.state').setAttribute('role', upload.state === 'failed' ? 'alert' : 'none');
    }
    row.querySelector('.state').textContent = state;
    if (part !== undefined) {
      const percent = Math.floor(part * 100);
      row.querySelector('.bar').setAttribute('aria-valuenow', percent);
      row.querySelector('.bar i').style.width = percent + '%';
    }
  }

  function progress(upload, sent) {
    if (upload.state === 'sending') {
      const part = upload.size ? Math.min(sent / upload.size, 1) : 0;
      show(upload, Math.floor(part * 100) + ' %, ' + size(sent) + ' of ' + size(upload.size), part);
    }
  }

  function complain(message) {
    error.textContent = message || '';
    error.hidden = !message;
  }

  // ---- What people do

  function retry(upload) {
    upload.state = 'queued';
    show(upload, 'Waiting…', 0);
    pump();
  }

  function cancel(upload) {
    const id = upload.id;
    upload.state = 'canceled';
    upload.requests.forEach((request) => request.abort());
    uploads = uploads.filter((other) => other !== upload);
    const next = upload.row.nextElementSibling || upload.row.previousElementSibling;
    list.removeChild(upload.row);
    const focus = next ? next.querySelector('button') : form.querySelector('.picks button');
    if (focus) {
      focus.focus();
    }
    bytes('readwrite', (store) => store.delete(upload.key)).catch(nothing);
    remember();
    if (id) {
      ask('DELETE', '/uploads/' + id).catch(nothing);
    }
    sendIfReady();
  }

  function random() {
    const numbers = new Uint32Array(4);
    crypto.getRandomValues(numbers);
    return Array.prototype.map.call(numbers, (number) => number.toString(16)).join('-');
  }

  function add(files) {
    complain();
    Array.prototype.forEach.call(files, (file) => {
      // One that was lost by a reload goes on.
      const lost = uploads.find((upload) => upload.state === 'lost' && upload.name === file.name && upload.size === file.size);
      if (lost) {
        lost.file = file;
        retry(lost);
        return;
      }
      const upload = {
        key: random(), name: file.name, size: file.size, type: file.type, file, state: 'queued', requests: [],
      };
      uploads.push(upload);
      draw(upload);
      show(upload, 'Waiting…', 0);
      bytes('readwrite', (store) => store.put(file, upload.key)).catch(nothing);
    });
    remember();
    pump();
  }

  async function sendIfReady() {
    if (!wantsToSend) {
      return;
    }
    if (uploads.some((upload) => upload.state === 'failed' || upload.state === 'lost')) {
      wantsToSend = false;
      complain('Not sent yet. Retry or remove the files that were not uploaded, then send.');
      return pump();
    }
    if (!uploads.every((upload) => upload.state === 'done')) {
      return;
    }
    wantsToSend = false;
    button.disabled = true;
    button.textContent = 'Sending…';
    try {
      let sent;
      do {
        const now = uploads.slice(0, MESSAGE_MAX);
        const body = { body: text.value, attachmentIds: now.map((upload) => upload.id), idempotencyKey: key };
        sent = await ask('POST', '/send', body);
        // What is left is another message.
        uploads = uploads.slice(MESSAGE_MAX);
        now.forEach((upload) => list.removeChild(upload.row));
        text.value = '';
        key = random();
        remember();
      } while (uploads.length);
      forget();
      location.assign(base + '?sent=' + sent.id);
    } catch (refused) {
      complain(refused.message);
      button.disabled = false;
      button.textContent = 'Send';
    }
  }

  form.onsubmit = (event) => {
    event.preventDefault();
    complain();
    if (!uploads.length && !text.value.trim()) {
      complain('Write something or choose a file.');
      return;
    }
    wantsToSend = true;
    pump();
    sendIfReady();
  };

  let typed;
  text.oninput = () => {
    clearTimeout(typed);
    typed = setTimeout(remember, 500);
  };

  // ---- The page as it is with a script

  const drop = document.getElementById('drop');
  if (drop) {
    const picks = element('div', 'picks');
    Array.prototype.forEach.call(drop.querySelectorAll('input'), (input) => {
      const label = drop.querySelector('label[for=' + input.id + ']');
      const pick = element('button', 'btn', label.textContent);
      pick.type = 'button';
      pick.onclick = () => input.click();
      picks.appendChild(pick);
      input.parentNode.hidden = true;
      input.onchange = () => {
        add(input.files);
        input.value = '';
      };
    });
    if (window.matchMedia && matchMedia('(hover: hover)').matches) {
      picks.appendChild(element('p', 'muted', 'or drop files here'));
    }
    drop.appendChild(picks);
    let depth = 0;
    const hover = (change) => (event) => {
      event.preventDefault();
      depth = Math.max(depth + change, 0);
      document.body.classList.toggle('over', depth > 0);
    };
    document.ondragenter = hover(1);
    document.ondragleave = hover(-1);
    document.ondragover = (event) => event.preventDefault();
    document.ondrop = (event) => {
      hover(-depth)(event);
      add(event.dataTransfer.files);
    };
  }

  // Takes up what a reload has cut off.
  async function resume() {
    let known;
    try {
      known = JSON.parse(localStorage.getItem(MEMORY) || 'null');
    } catch (_) {
      known = null;
    }
    if (!known) {
      return;
    }
    key = known.key || key;
    text.value = text.value || known.text || '';
    for (const kept of known.uploads) {
      const upload = {
        key: kept.key, id: kept.id, name: kept.name, size: kept.size, type: kept.type, state: 'queued', requests: [],
      };
      uploads.push(upload);
      draw(upload);
      show(upload, 'Waiting…', 0);
    }
    for (const upload of uploads.slice()) {
      try {
        const state = upload.id && (await ask('GET', '/uploads/' + upload.id, undefined, upload));
        if (state && state.status === 'complete') {
          upload.state = 'done';
          show(upload, size(upload.size) + ', uploaded');
          continue;
        }
        if (state && state.status === 'uploading') {
          const parts = await ask('GET', '/uploads/' + upload.id + '/parts', undefined, upload);
          upload.plan = parts.parts.length ? parts : undefined;
        }
        upload.failed = Boolean(state && state.status === 'failed');
      } catch (_) {
        // It is gone: it begins again.
        upload.id = upload.plan = undefined;
      }
      upload.file = await bytes('readonly', (store) => store.get(upload.key)).catch(nothing);
      if (!upload.file) {
        upload.state = 'lost';
        show(upload, 'Choose this file again to continue.');
      }
    }
    remember();
    pump();
  }

  resume();
})();
