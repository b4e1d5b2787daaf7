import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { roomSeries, startMs, TemporaryStore } from './temporary-store.ts';

test('After kill -9 everything that was acknowledged is there, nothing is there twice, and the store is free at once.', async () => {
  using store = new TemporaryStore();
  let acknowledgedMs = startMs;

  for (const acknowledgements of [1, 7, 20]) {
    acknowledgedMs = await commitUntilKilled(store.path, acknowledgements);
  }

  using journal = store.open();
  const rows = journal.readRows('room_stats', { fromId: 0, toId: 1e9 }, 1e9);
  const lastDueMs = journal.lastDueMs() ?? 0;
  expect(lastDueMs).toBeGreaterThanOrEqual(acknowledgedMs);
  expect(rows.map(({ sample }) => sample.dueMs)).toEqual(rows.map((_, index) => startMs + 1 + index));
  expect(rows.at(-1)?.sample.dueMs).toBe(lastDueMs);
  expect(journal.register([roomSeries('room-1')])[0]?.state).toBe(`${lastDueMs + 1}`);
  expect(store.query('SELECT sum(polled) AS polled FROM round')).toEqual([{ polled: rows.length }]);
});

/** Kills the program right behind one of its acknowledgements, and returns the last due instant it acknowledged. */
async function commitUntilKilled(path: string, acknowledgements: number): Promise<number> {
  const program = fileURLToPath(new URL('commit-until-killed.ts', import.meta.url));
  const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let lines = 0;
  let lastMs = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    lastMs = Number(line);
    if (++lines === acknowledgements) child.kill('SIGKILL');
  }
  expect(await exited).toEqual([null, 'SIGKILL']);
  return lastMs;
}
