import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** Linux counts CPU time in ticks, 100 a second on every common machine; the kernel is asked all the same. */
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** User and system time of a process since its start, all its threads included, in steps of one tick. */
export async function readCpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name in parentheses, which may hold blanks; the third follows behind the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [userTicks, systemTicks] = [Number(fields[14 - 3]), Number(fields[15 - 3])];
  return (userTicks + systemTicks) / ticksPerSecond;
}

export type MemoryUse = { readonly residentBytes: number; readonly peakBytes: number };

export async function readMemory(pid: number): Promise<MemoryUse> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return { residentBytes: kibibytes(status, 'VmRSS') * 1024, peakBytes: kibibytes(status, 'VmHWM') * 1024 };
}

function kibibytes(status: string, field: string): number {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status);
  if (match === null) throw new Error(`no ${field} in the status of the process: has it ended?`);
  return Number(match[1]);
}

/** The mean of a sample each second, because what is resident goes up and down with every collection of garbage; and the highest ever. */
export async function observeMemory(pid: number, seconds: number): Promise<MemoryUse> {
  let sumBytes = 0;
  let peakBytes = 0;
  for (let second = 0; second < seconds; second++) {
    const use = await readMemory(pid);
    sumBytes += use.residentBytes;
    peakBytes = use.peakBytes;
    await delay(1000);
  }
  return { residentBytes: sumBytes / seconds, peakBytes };
}

export function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
