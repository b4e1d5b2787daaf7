import { counted, formatNumber } from '../model/figures.ts';
import { salvage as salvageStore } from '../store/salvage.ts';
import { type Command, parseOptions } from './command.ts';
import { takeOperands } from './operands.ts';

const usage = `Usage: livetally salvage DAMAGED NEW

Copies what can be read of a damaged store, with its -wal file beside it or of that alone, into a new one, and says how much of each table
that is. The damaged files stay as they are. Then move them away and NEW to store.path, start livetally, and look at it with livetally
verify.
`;

export const salvage: Command = {
  usage,
  async run(context) {
    const { operands, rest } = takeOperands(context, ['DAMAGED', 'NEW']);
    parseOptions(rest, {});
    const [damaged, target] = operands;
    const tables = salvageStore(damaged, target, context.clock.wallMs());
    let lostRows = 0;
    for (const { table, rows, lost } of tables) {
      lostRows += lost ?? 0;
      const words = lost === undefined ? '' : lost === 0 ? ', all' : `, ${formatNumber(lost)} lost`;
      context.stdout.write(`${table.padEnd(20)} ${counted(rows, 'row')}${words}\n`);
    }
    context.stdout.write(
      `\n${target} holds what could be read; ${counted(lostRows, 'row')} of samples, windows and sessions lost.\n`,
    );
    return 0;
  },
};
