import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Config } from '../config/config.ts';
import type { LoadedConfig, LoadOptions } from '../config/load.ts';
import { formatProblem } from '../config/problem.ts';
import { counted } from '../model/figures.ts';
import type { CommandContext } from './command.ts';

/** One mistake in a generated watchlist can stand there ten thousand times. */
const mostShown = 100;

export const defaultConfigFile = 'config/livetally.yaml';

/** The configuration, or undefined after every problem in it was written to stderr. */
export async function loadOrExplain(
  file: string,
  context: CommandContext,
  options: Pick<LoadOptions, 'mayLackInfluxdbSecret'> = {},
): Promise<Config | undefined> {
  const loaded = await loadInThread(file, context, options);
  switch (loaded.status) {
    case 'loaded':
      return loaded.config;
    case 'refused': {
      const { problems } = loaded;
      for (const problem of problems.slice(0, mostShown)) context.stderr.write(`${formatProblem(problem)}\n`);
      const hidden = problems.length - mostShown;
      const rest = hidden > 0 ? `; the last ${hidden} are not shown` : '';
      context.stderr.write(`${counted(problems.length, 'problem')}${rest}.\n`);
      return undefined;
    }
    default:
      return loaded satisfies never;
  }
}

/** Objects that targets share are still shared when they arrive here. */
async function loadInThread(
  file: string,
  { environment }: CommandContext,
  options: Pick<LoadOptions, 'mayLackInfluxdbSecret'>,
): Promise<LoadedConfig> {
  const worker = new Worker(new URL(`../config-thread${extname(import.meta.url)}`, import.meta.url), {
    name: 'config',
    workerData: { file, environment: { ...environment }, ...options },
  });
  try {
    const [loaded]: LoadedConfig[] = await once(worker, 'message');
    if (loaded === undefined) throw new Error(`${file} was read without a result`);
    return loaded;
  } finally {
    await worker.terminate();
  }
}
