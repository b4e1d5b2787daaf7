import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { backUp } from '../../../src/store/backup.ts';

/** Where the store of a run lies. Each life after a crash has a file of its own, so that nothing of a dead one reaches it. */
export class StoreFiles {
  readonly #folder: string;
  readonly #name: string;
  #number = 0;

  constructor(folder: string, seed: number) {
    this.#folder = folder;
    this.#name = `store-${seed}`;
  }

  get path(): string {
    return join(this.#folder, `${this.#name}-${this.#number}.db`);
  }

  get copyPath(): string {
    return join(this.#folder, `${this.#name}-copy.db`);
  }

  /** `die` is given what sees the files as a process leaves them that is killed. */
  crash(die: (leave: () => void) => void): void {
    const before = this.path;
    this.#number++;
    die(() => {
      for (const suffix of ['', '-wal']) {
        if (existsSync(before + suffix)) copyFileSync(before + suffix, this.path + suffix);
      }
    });
    remove(before);
  }

  /** As `livetally backup` does it, beside the process that writes. */
  async backUp(): Promise<void> {
    await backUp(this.path, this.copyPath, () => {});
  }

  /** As the README says how to go on from a backup. */
  restore(): void {
    remove(this.path);
    this.#number++;
    copyFileSync(this.copyPath, this.path);
  }
}

function remove(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '.lock']) rmSync(path + suffix, { force: true });
}
