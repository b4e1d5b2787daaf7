import type { ReadCron } from '../../../src/config/config.ts';

/** Knows steps of seconds and of minutes, which is all that the tests write; the real reader is the poller's. */
export const readFakeCron: ReadCron = (expression) => {
  const [second = '', minute = '', ...others] = expression.split(' ');
  if (others.length !== 4) return { status: 'refused', problem: `cron expression "${expression}": has no six fields` };
  const step = (field: string) => (field === '*' ? 1 : Number(field.replace('*/', '')));
  return { status: 'read', intervalMs: second === '0' ? step(minute) * 60_000 : step(second) * 1000 };
};
