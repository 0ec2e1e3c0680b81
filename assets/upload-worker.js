// What would hold up the page: checksums of what is uploaded, and files that are kept in case the page is loaded anew.
// Each request is {id, op, …} and is answered by {id, value} or {id, error}, the error by its name.
'use strict';

// The browser's own digest wants all bytes at once: beyond this, and where a page on plain http has none, they are streamed.
const AT_ONCE = 64 * 1024 * 1024;

async function digest(blob) {
  if (self.crypto.subtle && blob.size <= AT_ONCE) {
    return new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
  }
  const { sha256 } = await import(new URL('/sha256.js', self.location.origin).href);
  const hash = sha256.create();
  for (const reader = blob.stream().getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) {
      return hash.digest();
    }
    hash.update(value);
  }
}

let opened;

function files(mode, action) {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open('attache-uploads', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('files');
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened.then(
    (database) =>
      new Promise((resolve, reject) => {
        const transaction = database.transaction('files', mode);
        const request = action(transaction.objectStore('files'));
        transaction.oncomplete = () => resolve(request.result);
        transaction.onabort = transaction.onerror = () => reject(transaction.error ?? request.error);
      }),
  );
}

const operations = {
  // Base64 of the SHA-256.
  hash: async ({ blob }) => btoa(String.fromCharCode(...(await digest(blob)))),
  // A file, or a handle that leads to it.
  keep: ({ key, file }) => files('readwrite', (store) => store.put(file, key)).then(() => true),
  take: ({ key }) => files('readonly', (store) => store.get(key)),
  drop: ({ key }) => files('readwrite', (store) => store.delete(key)).then(() => true),
  // Shows that a tab is open, by a name, until it closes; false if another one holds it. A tab that is loaded anew waits for itself to end.
  own: ({ name }) => hold(name, { signal: AbortSignal.timeout(3000) }),
  // The same without waiting, for what a tab has left that may be closed.
  adopt: ({ name }) => hold(name, { ifAvailable: true }),
};

function hold(name, options) {
  // On plain http there are no locks: the tabs ask each other.
  return navigator.locks ? lock(name, options) : claim(name);
}

const lock = (name, options) =>
  new Promise((resolve) => {
    const held = (lock) => {
      resolve(lock !== null);
      return lock && new Promise(() => {});
    };
    navigator.locks.request(name, options, held).catch(() => resolve(false));
  });

// How long another tab may take to answer, in milliseconds.
const ANSWERS_WITHIN = 700;
const claimed = new Set();
let tabs;

function claim(name) {
  if (!tabs) {
    tabs = new BroadcastChannel('attache-tabs');
    tabs.addEventListener('message', ({ data }) => {
      if (claimed.has(data.whose)) {
        tabs.postMessage({ mine: data.whose });
      }
    });
  }
  return new Promise((resolve) => {
    const answer = ({ data }) => data.mine === name && done(false);
    const done = (free) => {
      clearTimeout(waiting);
      tabs.removeEventListener('message', answer);
      if (free) {
        claimed.add(name);
      }
      resolve(free);
    };
    const waiting = setTimeout(() => done(true), ANSWERS_WITHIN);
    tabs.addEventListener('message', answer);
    tabs.postMessage({ whose: name });
  });
}

self.onmessage = async ({ data }) => {
  try {
    self.postMessage({ id: data.id, value: await operations[data.op](data) });
  } catch (error) {
    self.postMessage({ id: data.id, error: error?.name ?? 'Error' });
  }
};
