import type { CommandContext } from '../../../src/commands/command.ts';
import { systemClock, systemRandom } from '../../../src/system-clock.ts';

export type RecordedContext = CommandContext & { written(): { readonly stdout: string; readonly stderr: string } };

/** What a command of this process is given, with everything that it writes kept. */
export function createContext(changes: Partial<CommandContext> = {}): RecordedContext {
  const written = { stdout: '', stderr: '' };
  const into = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  return {
    arguments: [],
    environment: {},
    stdout: into('stdout'),
    stderr: into('stderr'),
    clock: systemClock,
    random: systemRandom,
    version: '0.0.0',
    nodeVersion: process.version,
    process: { pid: process.pid, host: 'studio', command: 'livetally' },
    stop: new AbortController().signal,
    ...changes,
    written: () => ({ ...written }),
  };
}
