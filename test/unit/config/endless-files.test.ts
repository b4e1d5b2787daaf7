import { execFileSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeOptions } from '../../../src/config/describe-options.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { formatProblem } from '../../../src/config/problem.ts';
import { readFakeCron } from './fake-cron.ts';
import { createFolder } from './temporary-folder.ts';

type Tree = Readonly<Record<string, unknown>>;

const app = { sdk_app_id: 1_400_000_000, identifier: 'administrator', region: 'china' };
const rooms = [{ room: 'live-room-1' }];
const server = { url: 'http://localhost:8086' };

/** Every key that names a file which is read, and a configuration that is right but for what the key names. */
const named: Readonly<Record<string, (file: string) => Tree>> = {
  'apps.<name>.secret_key_file': (file) => ({ apps: { main: { ...app, secret_key_file: file } }, watchlist: rooms }),
  'influxdb.token_file': (file) => withInfluxdb({ org: 'o', bucket: 'b', token_file: file }),
  'influxdb.password_file': (file) => withInfluxdb({ database: 'd', username: 'u', password_file: file }),
  'watchlist[].file': (file) => ({ apps: { main: { ...app, secret_key: 'a-secret' } }, watchlist: [{ file }] }),
};

function withInfluxdb(section: Tree): Tree {
  return { apps: { main: { ...app, secret_key: 'a-secret' } }, watchlist: rooms, influxdb: { ...server, ...section } };
}

async function problemsOf(file: string): Promise<string> {
  const loaded = await loadConfig({ file, environment: {}, readCron: readFakeCron });
  return loaded.status === 'loaded' ? 'nothing is wrong' : loaded.problems.map(formatProblem).join('\n');
}

test('every key that names a file is looked at here', () => {
  const keys = [...describeOptions().matchAll(/^\| `([^`]*(?:_file|\.file))`/gm)].map(([, key]) => key);
  expect(keys.sort()).toEqual(Object.keys(named).sort());
});

test.each(Object.keys(named))('%s is refused at once where it names a pipe that nobody writes to', async (key) => {
  await using folder = await createFolder({});
  execFileSync('mkfifo', [folder.path('rooms.csv')]);
  writeFileSync(folder.path('livetally.yaml'), JSON.stringify(named[key]?.('rooms.csv')));
  expect(await problemsOf(folder.path('livetally.yaml'))).toMatch(
    /rooms\.csv:? is a device, a pipe or a socket, not a file$/,
  );
});

// A pattern finds files below the folder of the configuration, and what a device is called has no ending.
test.each(Object.keys(named).filter((key) => key !== 'watchlist[].file'))(
  '%s is refused at once where it names a device without end, a folder, or more text than it can hold',
  async (key) => {
    await using folder = await createFolder({ 'folder/file': '', long: '' });
    truncateSync(folder.path('long'), 2 * 1024 ** 3);
    const problemsWith = async (file: string) => {
      writeFileSync(folder.path('livetally.yaml'), JSON.stringify(named[key]?.(file)));
      return await problemsOf(folder.path('livetally.yaml'));
    };
    expect(await problemsWith('/dev/zero')).toMatch(
      /: the file \/dev\/zero is a device, a pipe or a socket, not a file$/,
    );
    expect(await problemsWith('folder')).toMatch(/is a directory, not a file$/);
    expect(await problemsWith('long')).toMatch(/is larger than 64 KiB$/);
  },
);

test('the configuration itself is refused at once where it has no end', async () => {
  await using folder = await createFolder({});
  execFileSync('mkfifo', [folder.path('livetally.yaml')]);
  truncateSync(writeEmpty(folder.path('long.yaml')), 2 * 1024 ** 3);
  expect(await problemsOf('/dev/zero')).toBe('/dev/zero: is a device, a pipe or a socket, not a file');
  expect(await problemsOf(folder.path('livetally.yaml'))).toMatch(/: is a device, a pipe or a socket, not a file$/);
  expect(await problemsOf(folder.path('long.yaml'))).toMatch(/: is larger than 256 MiB$/);
});

function writeEmpty(path: string): string {
  writeFileSync(path, '');
  return path;
}
