// Real files, and the ways in which people hand them to a page.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from '@playwright/test';

/** `type` is given where the name does not say it. */
export type Sample = { name: string; bytes: Buffer; type?: string };

/** One of the pictures and documents in demo/, under this name. */
export function sample(source: string, name = source): Sample {
  return { name, bytes: readFileSync(join(__dirname, '../../../demo', source)), type: typeOf({ name: source }) };
}

/** A real photo with bytes after its end, as some cameras write: as large as it must be for its way up to be seen. */
export function largePhoto(source: string, name: string, size: number): Sample {
  const photo = sample(source, name);
  return { ...photo, bytes: Buffer.concat([photo.bytes, Buffer.alloc(size - photo.bytes.length, name)]) };
}

export function typeOf({ name, type }: { name: string; type?: string }): string {
  const types: Record<string, string> = { jpg: 'image/jpeg', png: 'image/png', pdf: 'application/pdf', txt: 'text/plain' };
  return type ?? types[name.slice(name.lastIndexOf('.') + 1)] ?? '';
}

/** Lets go of files over an element, or pastes them into it, by the events that the browser itself would send. */
async function handOver(target: Locator, event: 'drop' | 'paste', samples: Sample[]): Promise<void> {
  const files = samples.map((file) => ({ name: file.name, type: typeOf(file), base64: file.bytes.toString('base64') }));
  await target.evaluate(
    async (element, { event, files }) => {
      const transfer = new DataTransfer();
      for (const { name, type, base64 } of files) {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type }));
      }
      const common = { bubbles: true, cancelable: true, composed: true };
      const drag = (name: string) => element.dispatchEvent(new DragEvent(name, { ...common, dataTransfer: transfer }));
      if (event === 'paste') {
        element.dispatchEvent(new ClipboardEvent('paste', { ...common, clipboardData: transfer }));
      } else {
        drag('dragenter');
        drag('dragover');
        drag('drop');
      }
    },
    { event, files },
  );
}

export const drop = (target: Locator, samples: Sample[]) => handOver(target, 'drop', samples);

export const paste = (target: Locator, samples: Sample[]) => handOver(target, 'paste', samples);
