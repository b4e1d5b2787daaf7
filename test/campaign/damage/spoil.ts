import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import type { Dice } from '../dice.ts';

/** One way to damage a file. */
export type Harm = {
  readonly file: 'database' | 'log';
  /** `gone`: cut to nothing, and not there any more. */
  readonly kind: 'flip' | 'cut' | 'gone';
  readonly at: number;
  /** How many bytes are flipped; what is cut goes up to the end. */
  readonly bytes: number;
};

const pageBytes = 4_096;

/** Harm to every byte range in turn: the number of a case says which of so many parts of the files it lies in. */
export function harmOf(number: number, count: number, sizes: Readonly<Record<Harm['file'], number>>, dice: Dice): Harm {
  const total = sizes.database + sizes.log;
  const offset = Math.min(total - 1, Math.floor(((number + dice.below(1_000) / 1_000) * total) / count));
  const file = offset < sizes.database ? 'database' : 'log';
  return {
    file,
    kind: dice.oneIn(4) ? 'cut' : 'flip',
    at: file === 'database' ? offset : offset - sizes.database,
    bytes: dice.pick([1, 8, 100, pageBytes, 3 * pageBytes]),
  };
}

/** No drawing comes upon these. */
export const wholeFiles: readonly Harm[] = [
  { file: 'database', kind: 'cut', at: 0, bytes: 0 },
  { file: 'database', kind: 'gone', at: 0, bytes: 0 },
];

export function spoil(path: string, { kind, at, bytes }: Harm): void {
  if (kind !== 'flip') {
    truncateSync(path, at);
    if (kind === 'gone') rmSync(path);
    return;
  }
  const content = readFileSync(path);
  for (let index = at; index < Math.min(content.length, at + bytes); index++) {
    content[index] = (content[index] ?? 0) ^ 0xff;
  }
  writeFileSync(path, content);
}

export function describeHarm({ file, kind, at, bytes }: Harm): string {
  if (kind === 'gone') return `the ${file} gone`;
  return kind === 'cut' ? `the ${file} cut at byte ${at}` : `${bytes} bytes of the ${file} flipped from ${at} on`;
}
