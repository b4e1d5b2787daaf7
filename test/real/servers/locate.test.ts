import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { locateServer, missingServers, requireServer } from './locate.ts';
import { runProgram } from './run-program.ts';

test('install.sh and locate.ts agree on names and places', async () => {
  const installer = join(import.meta.dirname, 'install.sh');
  const { LIVETALLY_CACHE = '', XDG_CACHE_HOME = '' } = process.env;
  const environment = { LIVETALLY_CACHE, XDG_CACHE_HOME };
  const { stdout } = await runProgram('/bin/bash', [installer, '--list'], { environment });
  const rows = stdout.trim().split('\n');
  const names = [
    ...(['influxdb-2.9.1', 'influxdb-1.8.10', 'influxdb-1.6.7', 'victoria-metrics', 'prometheus'] as const),
    ...(['promtool', 'telegraf', 'docker-compose', 'chromium', 'cc'] as const),
  ];
  const located = names.map((name) => [name, locateServer(name)]);
  const listed = rows
    .map((row) => row.split(/\s+/))
    .map(([name, path, state]) => [name, state === 'present' ? path : undefined]);
  expect(listed).toEqual(located);
});

test('a missing server is named with the command that brings it, and fails a suite only in CI', () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  vi.stubEnv('LIVETALLY_CACHE', '/nonexistent');
  try {
    const remedy = 'telegraf not installed: run bash test/real/servers/install.sh telegraf';
    vi.stubEnv('CI', 'true');
    expect(() => missingServers(['telegraf'])).toThrow(remedy);
    vi.stubEnv('CI', undefined);
    expect(missingServers(['telegraf'])).toEqual(['telegraf']);
    expect(warn).toHaveBeenCalledWith(`skipped: ${remedy}`);
    expect(() => requireServer('telegraf')).toThrow('telegraf is not installed: run bash');
  } finally {
    vi.unstubAllEnvs();
    warn.mockRestore();
  }
});
