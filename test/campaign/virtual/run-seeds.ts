import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { SeedSummary } from './seed-worker.ts';

export type SeedsOptions = {
  readonly from: number;
  readonly count: number;
  readonly threads?: number;
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

/** Runs seeds on all cores: each thread takes the next seed when it has done with one. */
export async function runSeeds({
  from,
  count,
  threads = availableParallelism(),
  log,
}: SeedsOptions): Promise<SeedsReport> {
  const startedMs = performance.now();
  const summaries: SeedSummary[] = [];
  let next = from;
  let toldMs = startedMs;

  const take = (summary: SeedSummary) => {
    summaries.push(summary);
    for (const words of summary.findings) log(`seed ${summary.seed}: ${words}`);
    if (summary.findings.length > 0) log(`replay it: npm run simulate:long -- --seed ${summary.seed}`);
    if (performance.now() - toldMs < tellEveryMs) return;
    toldMs = performance.now();
    const due = sumOf(summaries, 'due');
    const perSecond = Math.round((due * 1000) / (toldMs - startedMs));
    log(`${summaries.length} of ${count} seeds, ${due} polls due, ${perSecond} a second`);
  };
  await Promise.all(
    Array.from({ length: Math.min(threads, count) }, () =>
      workThrough(() => (next < from + count ? next++ : undefined), take),
    ),
  );
  return { ...sumUp(summaries), tookMs: performance.now() - startedMs };
}

/** One thread, until no seed is left. It is replaced when a seed brings it down. */
async function workThrough(nextSeed: () => number | undefined, take: (summary: SeedSummary) => void): Promise<void> {
  for (let seed = nextSeed(); seed !== undefined; ) {
    const worker = new Worker(new URL('./seed-worker.ts', import.meta.url));
    try {
      for (; seed !== undefined; seed = nextSeed()) take(await ask(worker, seed));
    } catch (error) {
      take(broken(seed ?? 0, error));
      seed = nextSeed();
    } finally {
      await worker.terminate();
    }
  }
}

async function ask(worker: Worker, seed: number): Promise<SeedSummary> {
  const answer = Promise.withResolvers<SeedSummary>();
  const onExit = (code: number) => answer.reject(new Error(`its thread has ended with code ${code}`));
  worker.once('message', answer.resolve).once('error', answer.reject).once('exit', onExit);
  worker.postMessage(seed);
  try {
    return await answer.promise;
  } finally {
    worker.off('message', answer.resolve).off('error', answer.reject).off('exit', onExit);
  }
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
