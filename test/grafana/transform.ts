import * as z from 'zod';
import type { DashboardPanel } from './dashboard-file.ts';

/** One row of an answer, by the names of its columns. */
export type Frame = Readonly<Record<string, number>>;

const reduceRow = z.object({
  mode: z.literal('reduceRow'),
  alias: z.string(),
  reduce: z.object({ reducer: z.literal('sum'), include: z.array(z.string()) }),
});
const organize = z.object({ excludeByName: z.record(z.string(), z.boolean()) });

/** What Grafana makes of answers with one row each. A sum over columns is that of those that are there. */
export function transformed(frames: readonly Frame[], { transformations = [] }: DashboardPanel): Frame {
  let row: Frame = {};
  for (const { id, options } of transformations) {
    switch (id) {
      case 'concatenate':
        row = Object.assign({}, ...frames);
        break;
      case 'calculateField': {
        const { alias, reduce } = reduceRow.parse(options);
        const known = reduce.include.flatMap((name) => row[name] ?? []);
        if (known.length > 0) row = { ...row, [alias]: known.reduce((sum, value) => sum + value, 0) };
        break;
      }
      case 'organize': {
        const { excludeByName } = organize.parse(options);
        row = Object.fromEntries(Object.entries(row).filter(([name]) => excludeByName[name] !== true));
        break;
      }
      default:
        throw new Error(`what does the transformation ${id} do?`);
    }
  }
  return row;
}
