import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { Clock } from '../model/clock.ts';
import type { Random } from '../model/random.ts';

/** What a command may use of the process it runs in. */
export type CommandContext = {
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
  readonly random: Random;
  readonly version: string;
  readonly nodeVersion: string;
  /** Who this is, for a second process that wants the same store. */
  readonly process: { readonly pid: number; readonly host: string; readonly command: string };
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly stop: AbortSignal;
};

export type Output = {
  write(text: string): unknown;
  readonly isTTY?: boolean;
};

/** 0 done, 1 failed, 2 wrong usage or configuration. */
export type ExitCode = 0 | 1 | 2;

export type Command = {
  /** What `livetally <command> --help` prints. */
  readonly usage: string;
  run(context: CommandContext): Promise<ExitCode>;
};

/** The command line cannot be understood; the message says which part. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The options of a command; anything unknown or left over is a `UsageError`. */
export function parseOptions<const Options extends ParseArgsOptionsConfig>(
  context: CommandContext,
  options: Options,
): ReturnType<typeof parseArgs<{ args: string[]; options: Options; strict: true; allowPositionals: false }>>['values'] {
  try {
    return parseArgs({ args: [...context.arguments], options, strict: true, allowPositionals: false }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : 'The arguments cannot be read.', { cause });
  }
}

/** A duration such as `500ms`, `20s`, `5m` or `1h`, in milliseconds. */
export function parseDuration(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match?.[2] ?? ''];
  const value = Number(match?.[1]);
  if (unitMs === undefined || !(value > 0)) {
    throw new UsageError(`${option} ${text}: give a duration such as 20s, 5m or 1h.`);
  }
  return value * unitMs;
}

/** Aborted with the signal, or when the time is over; dispose of it so that no timer keeps the process alive. */
export function stopAfter(
  clock: Clock,
  delayMs: number,
  signal: AbortSignal,
): Disposable & { readonly signal: AbortSignal } {
  const over = new AbortController();
  const cancel = clock.after(delayMs, () => over.abort());
  return { signal: AbortSignal.any([signal, over.signal]), [Symbol.dispose]: cancel };
}
