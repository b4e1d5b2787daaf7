import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ConfigFiles } from './corpus.ts';

/** Where writing a file costs no disk; Linux only. */
const memory = '/dev/shm';

/** A temporary folder that holds one configuration after another; only what differs is written. */
export class ConfigFolder implements Disposable {
  readonly #path: string;
  #held: ConfigFiles = {};

  /** `parent` exists, and may be removed with all that is in it where nobody disposes of this. */
  constructor(parent = existsSync(memory) ? memory : tmpdir()) {
    this.#path = mkdtempSync(join(parent, 'livetally-fuzz-'));
  }

  path(name: string): string {
    return join(this.#path, name);
  }

  hold(files: ConfigFiles): void {
    for (const name of Object.keys(this.#held)) if (files[name] === undefined) rmSync(this.path(name));
    for (const [name, content] of Object.entries(files)) {
      if (content === this.#held[name]) continue;
      mkdirSync(dirname(this.path(name)), { recursive: true });
      writeFileSync(this.path(name), content);
    }
    this.#held = files;
  }

  [Symbol.dispose](): void {
    rmSync(this.#path, { recursive: true, force: true });
  }
}
