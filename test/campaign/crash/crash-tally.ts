import { type CampaignRow, formatCount } from '../campaign-part.ts';
import type { Examined } from './examine-store.ts';

/** What became of so many crashes. */
export class CrashTally {
  readonly #test: string;
  readonly #noun: string;
  readonly #totals = { lost: 0, doubled: 0, wrong: 0 };
  readonly #findings: string[] = [];
  count = 0;

  constructor(test: string, noun: string) {
    this.#test = test;
    this.#noun = noun;
  }

  add(where: string, { lost, doubled, wrong }: Examined): void {
    this.count++;
    this.#totals.lost += lost;
    this.#totals.doubled += doubled;
    this.#totals.wrong += wrong.length;
    if (lost + doubled > 0) this.#findings.push(`${where}: ${lost} samples are missing, ${doubled} are there twice`);
    this.#findings.push(...wrong.map((words) => `${where}: ${words}`));
  }

  row(): CampaignRow {
    const howMany = formatCount(this.count, this.#noun);
    return { test: this.#test, howMany, ...this.#totals, findings: this.#findings };
  }
}
