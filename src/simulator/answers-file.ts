import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Clock } from '../model/clock.ts';
import type { GivenAnswer } from './service.ts';
import { createTimers } from './timers.ts';

/** Every answer as one line of JSON, written at most a quarter of a second later. */
export type AnswersFile = AsyncDisposable & { write(answer: GivenAnswer): void };

/** Begins the file anew; rejects when it cannot be written. */
export async function createAnswersFile(path: string, clock: Clock): Promise<AnswersFile> {
  const stream = createWriteStream(path);
  try {
    await once(stream, 'open');
  } catch (cause) {
    throw new Error(`the answers cannot be written to ${path}`, { cause });
  }
  let problem: Error | undefined;
  stream.on('error', (error) => {
    problem = error;
  });
  const timers = createTimers(clock);
  let waiting = '';
  const flush = () => {
    if (waiting !== '') stream.write(waiting);
    waiting = '';
  };
  return {
    write(answer) {
      if (waiting === '') timers.after(longestWaitMs, flush);
      waiting += `${JSON.stringify(answer)}\n`;
      if (waiting.length > longestChunk) flush();
    },
    async [Symbol.asyncDispose]() {
      timers.cancelAll();
      flush();
      await new Promise<void>((resolve) => stream.end(resolve));
      if (problem) throw new Error(`the answers cannot be written to ${path}`, { cause: problem });
    },
  };
}

const longestWaitMs = 250;
const longestChunk = 65_536;
