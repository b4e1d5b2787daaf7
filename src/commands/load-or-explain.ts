import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { formatProblem } from '../config/problem.ts';
import { readCron } from '../poll/cron.ts';
import type { CommandContext } from './command.ts';

/** One mistake in a generated watchlist can stand there ten thousand times. */
const mostShown = 100;

export const defaultConfigFile = 'config/livetally.yaml';

/** The configuration, or undefined after every problem in it was written to stderr. */
export async function loadOrExplain(file: string, context: CommandContext): Promise<Config | undefined> {
  const loaded = await loadConfig({
    file,
    environment: context.environment,
    readCron: (expression, timezone) => {
      const reading = readCron(expression, timezone);
      return reading.status === 'read' ? { status: 'read', intervalMs: reading.cron.intervalMs } : reading;
    },
  });
  switch (loaded.status) {
    case 'loaded':
      return loaded.config;
    case 'refused': {
      const { problems } = loaded;
      for (const problem of problems.slice(0, mostShown)) context.stderr.write(`${formatProblem(problem)}\n`);
      const hidden = problems.length - mostShown;
      const rest = hidden > 0 ? `; the last ${hidden} are not shown` : '';
      context.stderr.write(
        `${problems.length} problem${problems.length === 1 ? '' : 's'}${rest}; nothing was started.\n`,
      );
      return undefined;
    }
    default:
      return loaded satisfies never;
  }
}
