import { describe, expect, test } from 'vitest';
import { createLog, type LogFormat, type LogLevel } from '../../../src/telemetry/log.ts';

async function logTo(format: LogFormat, level: LogLevel) {
  const lines: string[] = [];
  const log = await createLog({ level, format, destination: { write: (line) => lines.push(line) } });
  return { log, lines };
}

describe('the log', () => {
  test('writes one JSON object a line, with the time, the level, the message and the fields', async () => {
    const { log, lines } = await logTo('json', 'info');
    log.warn('endpoint paused', { app: 'main', code: 60007 });
    expect(lines).toHaveLength(1);
    const entry: unknown = JSON.parse(lines[0] ?? '');
    expect(entry).toMatchObject({ level: 'warn', msg: 'endpoint paused', app: 'main', code: 60007 });
    expect(entry).toHaveProperty('time', expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/));
  });

  test('leaves out what is below its level', async () => {
    const { log, lines } = await logTo('json', 'warn');
    log.info('started');
    log.debug('detail');
    expect(lines).toEqual([]);
  });

  test('writes a line for people when asked to', async () => {
    const { log, lines } = await logTo('pretty', 'info');
    log.info('started', { url: 'http://127.0.0.1:9477' });
    expect(lines.join('')).toMatch(/^\[\d\d:\d\d:\d\d\] INFO: started \{"url":"http:\/\/127.0.0.1:9477"\}\n$/);
  });

  test('keeps a line feed in a value inside its line', async () => {
    const { log, lines } = await logTo('json', 'info');
    log.info('odd', { room: 'a\nb' });
    expect(lines.join('').trimEnd()).not.toContain('\n');
  });
});
