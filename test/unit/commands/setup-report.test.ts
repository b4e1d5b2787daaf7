import { describe, expect, test } from 'vitest';
import { carryOut, type ReportOptions } from '../../../src/commands/setup-report.ts';
import { change, type Item, problem, same } from '../../../src/setup/item.ts';

async function report(items: readonly Item[], options: Partial<ReportOptions> = {}) {
  let written = '';
  const context = { stdout: { write: (text: string) => (written += text) } };
  const code = await carryOut(items, { isDryRun: false, isJson: false, shown: new Map(), context, ...options });
  return { code, written };
}

function counted() {
  const made: string[] = [];
  const item = (name: string) => change(`bucket ${name}`, 'for samples', async () => void made.push(name));
  return { made, item };
}

describe('the report of setup', () => {
  test('tells each change as it is made', async () => {
    const { made, item } = counted();
    const { code, written } = await report([same('organisation shows', 'is there'), item('live'), item('live_5m')]);
    expect({ code, made }).toEqual({ code: 0, made: ['live', 'live_5m'] });
    expect(written).toBe(
      'same     organisation shows: is there\ndone     bucket live: for samples\ndone     bucket live_5m: for samples\n\n2 changes made.\n',
    );
  });

  test('with one problem anywhere nothing is made', async () => {
    const { made, item } = counted();
    const { code, written } = await report([item('live'), problem('admin token', 'may not make tokens')]);
    expect({ code, made }).toEqual({ code: 1, made: [] });
    expect(written).toContain('1 problem: nothing was changed.');
  });

  test('a dry run makes nothing', async () => {
    const { made, item } = counted();
    const { code, written } = await report([item('live')], { isDryRun: true });
    expect({ code, made }).toEqual({ code: 0, made: [] });
    expect(written).toContain('1 change to make; nothing was changed.');
  });

  test('what fails ends it, and is told with what was done, what was not, and every secret that was made', async () => {
    const { made, item } = counted();
    const shown = new Map<string, string>();
    const token = change('token', 'shown once', async () => void shown.set('for livetally', 'secret-1'));
    const failing = change('bucket live_5m', 'for windows', async () => {
      throw new Error('disk full');
    });
    const items = [token, failing, item('live_1h'), same('bucket live_1d', 'keeps days forever')];
    const { code, written } = await report(items, { shown });
    expect({ code, made }).toEqual({ code: 1, made: [] });
    expect(written).toMatch(
      /^done {5}token: shown once\nFAILED {3}bucket live_5m: for windows: disk full\nnot done bucket live_1h: for samples\nsame {5}bucket live_1d: .*\n[\s\S]*for livetally:\nsecret-1\n[\s\S]*1 of 3 changes made, 1 failed, 1 not begun\. .* goes on from there/,
    );
    const json = await report(items, { shown, isJson: true });
    expect(JSON.parse(json.written)).toMatchObject({ made: 1, secrets: { 'for livetally': 'secret-1' } });
  });
});
