import { availableParallelism } from 'node:os';
import { SeedThread } from './seed-thread.ts';
import type { SeedSummary } from './seed-worker.ts';

export type SeedsOptions = {
  readonly from: number;
  readonly count: number;
  readonly threads?: number;
  /** A seed that takes longer, in real time, is a finding, and its thread is ended. */
  readonly longestMs?: number;
  /** What runs the seeds in a thread. */
  readonly program?: URL;
  readonly log: (line: string) => void;
};

export type SeedsReport = {
  readonly seeds: number;
  readonly due: number;
  readonly committed: number;
  readonly crashes: number;
  readonly stops: number;
  readonly makings: number;
  readonly lost: number;
  readonly doubled: number;
  readonly wrong: number;
  readonly findings: readonly string[];
  readonly outcomes: ReadonlyMap<string, number>;
  readonly unshowable: ReadonlyMap<string, number>;
  readonly tookMs: number;
};

const tellEveryMs = 10_000;
/** The longest take a minute on a busy machine. */
const longestSeedMs = 5 * 60_000;

/** Runs seeds on all cores: each thread takes the next seed when it has done with one. */
export async function runSeeds(options: SeedsOptions): Promise<SeedsReport> {
  const { from, count, threads = availableParallelism(), log } = options;
  const startedMs = performance.now();
  const summaries: SeedSummary[] = [];
  const running = new Map<number, number>();
  let next = from;

  const tell = setInterval(() => {
    const nowMs = performance.now();
    const due = sumOf(summaries, 'due');
    const perSecond = Math.round((due * 1000) / (nowMs - startedMs));
    const present = [...running].map(([seed, sinceMs]) => `${seed} for ${Math.round((nowMs - sinceMs) / 1000)} s`);
    log(`${summaries.length} of ${count} seeds, ${due} polls due, ${perSecond} a second; now ${present.join(', ')}`);
  }, tellEveryMs);
  const seeds: Seeds = {
    take: () => {
      if (next >= from + count) return undefined;
      running.set(next, performance.now());
      return next++;
    },
    done: (summary) => {
      running.delete(summary.seed);
      summaries.push(summary);
      for (const words of summary.findings) log(`seed ${summary.seed}: ${words}`);
      if (summary.findings.length > 0) log(`replay it: npm run simulate:long -- --seed ${summary.seed}`);
    },
  };
  try {
    await Promise.all(Array.from({ length: Math.min(threads, count) }, () => workThrough(seeds, options)));
  } finally {
    clearInterval(tell);
  }
  return { ...sumUp(summaries), tookMs: performance.now() - startedMs };
}

type Seeds = { take(): number | undefined; done(summary: SeedSummary): void };

/** One thread, until no seed is left. It is replaced when a seed brings it down, or to a stand. */
async function workThrough(seeds: Seeds, { program, longestMs = longestSeedMs }: SeedsOptions): Promise<void> {
  let thread: SeedThread | undefined;
  for (let seed = seeds.take(); seed !== undefined; seed = seeds.take()) {
    thread ??= new SeedThread(program);
    try {
      seeds.done(await thread.run(seed, longestMs));
    } catch (error) {
      seeds.done(broken(seed, error));
      await thread.end();
      thread = undefined;
    }
  }
  await thread?.end();
}

function broken(seed: number, error: unknown): SeedSummary {
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    ...{ seed, due: 0, committed: 0, crashes: 0, stops: 0, makings: 0, lost: 0, doubled: 0, wrong: 1 },
    ...{ findings: [`the run has ended with: ${words}`], outcomes: new Map(), unshowable: new Map(), fingerprint: '' },
  };
}

type Count = 'due' | 'committed' | 'crashes' | 'stops' | 'makings' | 'lost' | 'doubled' | 'wrong';

function sumOf(summaries: readonly SeedSummary[], count: Count): number {
  return summaries.reduce((sum, summary) => sum + summary[count], 0);
}

function sumUp(summaries: readonly SeedSummary[]): Omit<SeedsReport, 'tookMs'> {
  const of = (count: Count) => sumOf(summaries, count);
  return {
    seeds: summaries.length,
    ...{
      due: of('due'),
      committed: of('committed'),
      crashes: of('crashes'),
      stops: of('stops'),
      makings: of('makings'),
    },
    ...{ lost: of('lost'), doubled: of('doubled'), wrong: of('wrong') },
    findings: summaries.flatMap(({ seed, findings }) => findings.map((words) => `seed ${seed}: ${words}`)),
    outcomes: mergeCounts(summaries.map(({ outcomes }) => outcomes)),
    unshowable: mergeCounts(summaries.map(({ unshowable }) => unshowable)),
  };
}

function mergeCounts(maps: readonly ReadonlyMap<string, number>[]): ReadonlyMap<string, number> {
  const sum = new Map<string, number>();
  for (const map of maps) for (const [name, count] of map) sum.set(name, (sum.get(name) ?? 0) + count);
  return sum;
}
