import { UsageError } from './command.ts';
import { readInstant } from './option-values.ts';

/** What --from and --to leave out is infinite; the end is not in it. */
export function readTime(
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  const fromMs = from === undefined ? Number.NEGATIVE_INFINITY : readInstant('--from', from, nowMs);
  const toMs = to === undefined ? Number.POSITIVE_INFINITY : readInstant('--to', to, nowMs);
  if (fromMs >= toMs) throw new UsageError('--from must lie before --to.');
  return { fromMs, toMs };
}
