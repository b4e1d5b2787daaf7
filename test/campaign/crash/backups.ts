import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { environment } from '../../e2e/account.ts';
import { startLivetally, type Workspace } from '../../e2e/livetally-process.ts';
import type { Dice } from '../dice.ts';
import { verifyRun } from '../verified-run.ts';

/** Backups beside a collector that is killed; some of them are killed themselves. */
export class Backups {
  readonly #folder: Workspace;
  readonly #config: string;
  readonly findings: string[] = [];
  made = 0;
  #begun = 0;

  constructor(folder: Workspace, config: string) {
    this.#folder = folder;
    this.#config = config;
  }

  /** A copy that has its name is whole, whatever happened to the one who made it and to the store beside it. */
  async make(dice: Dice): Promise<void> {
    const path = this.#folder.path(`backup-${this.#begun++}.db`);
    await using backup = startLivetally(['backup', path, '--config', this.#config], environment);
    if (dice.oneIn(3)) {
      await delay(dice.below(1_000));
      backup.kill('SIGKILL');
    }
    const { code, signal, stdout, stderr } = await backup.ended;
    const isEarly = /there is no store at/.test(stderr);
    if (code !== 0 && signal !== 'SIGKILL' && !isEarly)
      this.findings.push(`backup ended with ${code}: ${stdout}${stderr}`);
    if (existsSync(path)) await this.#verify(path);
    for (const end of ['', '-wal', '-shm', '.part', '.part-wal', '.part-shm', '.part-journal'])
      rmSync(`${path}${end}`, { force: true });
  }

  async #verify(path: string): Promise<void> {
    this.made++;
    const text = readFileSync(this.#config, 'utf8').replace(this.#folder.path('store.db'), path);
    const config = await this.#folder.write('backup.yaml', text);
    const { findings } = await verifyRun(config, environment, ['--store-only']);
    this.findings.push(...findings.map((finding) => `${path}: ${finding}`));
  }
}
