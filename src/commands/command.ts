import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { didYouMean } from '../config/suggestion.ts';
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
  /** Size of a terminal, in characters. */
  readonly columns?: number;
  readonly rows?: number;
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

/** For work in parts: lets timers and signals through, and throws with these words once the command is to stop. */
export async function pause({ clock, stop }: CommandContext, whatStopped: string): Promise<void> {
  if (stop.aborted) throw new Error(`stopped before ${whatStopped}`);
  await new Promise<void>((resolve) => clock.after(0, resolve));
}

/** The options of a command; anything unknown, left over, given twice or without its value is a `UsageError`. */
export function parseOptions<const Options extends ParseArgsOptionsConfig>(
  context: CommandContext,
  options: Options,
): ReturnType<typeof parseArgs<{ args: string[]; options: Options; strict: true; allowPositionals: false }>>['values'] {
  const args = [...context.arguments];
  checkArguments(args, options);
  return parseArgs({ args, options, strict: true, allowPositionals: false }).values;
}

function checkArguments(args: string[], options: ParseArgsOptionsConfig): void {
  const { tokens } = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true });
  const given = new Set<string>();
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') throw new UsageError(`"${token.value}" stands behind no option that takes it.`);
    const { name, rawName, value, inlineValue } = token;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined) {
      const known = Object.keys(options).map((key) => `--${key}`);
      throw new UsageError(`there is no option ${rawName}${suggest(rawName, known)}`);
    }
    if (option.type === 'boolean' && value !== undefined) throw new UsageError(`${rawName} takes no value.`);
    if (option.type === 'string' && (value === undefined || value === '')) {
      throw new UsageError(`${rawName} has no value.`);
    }
    if (!inlineValue && value?.startsWith('-') && value !== '-') {
      throw new UsageError(`${rawName} has no value (one that begins with a dash is written ${rawName}=${value}).`);
    }
    if (given.has(name) && !option.multiple) throw new UsageError(`${rawName} is given twice.`);
    given.add(name);
  }
}

/** What `livetally` says to a command that it has not. */
export function explainUnknownCommand(name: string, known: readonly string[]): string {
  if (name.startsWith('-')) return `the command comes first, then its options such as ${name}.`;
  return `there is no command "${name}"${suggest(name, known)}`;
}

function suggest(written: string, known: readonly string[]): string {
  const meant = didYouMean(written, known);
  return meant === undefined ? '.' : `: ${meant}`;
}

/** A duration such as `500ms`, `20s`, `5m` or `1h`, in milliseconds. */
export function parseDuration(option: string, text: string): number {
  const durationMs = readDuration(text);
  if (durationMs === undefined) throw new UsageError(`${option} ${text}: give a duration such as 20s, 5m or 1h.`);
  return durationMs;
}

/** Undefined for what is no duration, or none above 0. */
export function readDuration(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,12}(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit];
  const durationMs = Number(digits) * (unitMs ?? 0);
  return durationMs > 0 ? durationMs : undefined;
}

/** Aborted with the signal, or when the time is over; dispose of it so that no timer keeps the process alive. */
export function stopAfter(
  clock: Clock,
  delayMs: number,
  signal: AbortSignal,
): Disposable & { readonly signal: AbortSignal } {
  const over = new AbortController();
  const cancel = clock.after(delayMs, () => over.abort(new Error(`it took longer than ${delayMs / 1000} s`)));
  return { signal: AbortSignal.any([signal, over.signal]), [Symbol.dispose]: cancel };
}
