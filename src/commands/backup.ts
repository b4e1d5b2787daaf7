import { formatSize } from '../model/figures.ts';
import { backUp } from '../store/backup.ts';
import { type Command, parseOptions } from './command.ts';
import { defaultConfigFile, loadOrExplain } from './load-or-explain.ts';
import { takeOperands } from './operands.ts';

const usage = `Usage: livetally backup FILE [--config FILE]

Copies the store to FILE, as it is at one instant, while the collector runs; then reads the copy through. FILE must not be there: give
each backup a name of its own. To go on from one: stop livetally, move the store with its -wal and -shm away, copy FILE in its place, and
give livetally recall before the next start.

  --config FILE     ${defaultConfigFile}
`;

export const backup: Command = {
  usage,
  async run(context) {
    const { operands, rest } = takeOperands(context, ['FILE']);
    const options = parseOptions(rest, { config: { type: 'string', default: defaultConfigFile } });
    const config = await loadOrExplain(options.config, context);
    if (config === undefined) return 2;
    const [file] = operands;
    const { path } = config.store;
    const { stderr } = context;
    const sizeBytes = await backUp(path, file, (remaining, total) => {
      if (context.stop.aborted) throw new Error('stopped before the copy was whole; nothing of it is left');
      if (stderr.isTTY) stderr.write(`\r${Math.floor((100 * (total - remaining)) / Math.max(1, total))} %`);
    });
    if (stderr.isTTY) stderr.write('\r');
    context.stdout.write(`${file}: ${formatSize(sizeBytes)}, a copy of ${path}; it was read through and is sound.\n`);
    return 0;
  },
};
