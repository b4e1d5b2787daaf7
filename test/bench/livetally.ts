import { execFile } from 'node:child_process';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { type ServerProcess, spawnServer } from '../real/servers/spawn-server.ts';
import { account, type CollectorSettings, cronOf, watchlistOf } from './workload.ts';

const root = join(import.meta.dirname, '../..');

export type LivetallySettings = Omit<CollectorSettings, 'influxdb'> & {
  /** Without it samples stay in the store. */
  readonly influxdb?: CollectorSettings['influxdb'];
  /** Variables of the environment, Node and its arguments, as `env` takes them; the sources by default. */
  readonly command?: readonly string[];
  /** A store that exists already; a new one by default. */
  readonly storePath?: string;
};

/** Starts `livetally run` and waits until its own server answers. */
export async function startLivetally(settings: LivetallySettings): Promise<ServerProcess> {
  const command = settings.command ?? [process.execPath, join(root, 'src/main.ts')];
  return await spawnServer({
    name: 'livetally',
    binary: '/usr/bin/env',
    argumentsAt: ({ directory }) => [...command, 'run', '--config', join(directory, 'livetally.yaml')],
    async prepare({ port, directory }) {
      const { workload } = settings;
      await writeFile(join(directory, 'rooms.json'), JSON.stringify(watchlistOf(workload)));
      const config = toConfig(settings, { port, storePath: settings.storePath ?? join(directory, 'livetally.db') });
      // JSON is YAML.
      await writeFile(join(directory, 'livetally.yaml'), JSON.stringify(config, undefined, 2));
    },
    healthPath: '/healthz',
  });
}

function toConfig(
  { workload, simulatorUrl, influxdb }: LivetallySettings,
  { port, storePath }: { readonly port: number; readonly storePath: string },
): object {
  const { sdkAppId, identifier, secretKey } = account;
  return {
    apps: {
      main: { sdk_app_id: sdkAppId, identifier, secret_key: secretKey, base_url: simulatorUrl },
    },
    schedule: cronOf(workload),
    watchlist: [{ file: 'rooms.json' }],
    store: { path: storePath },
    ...(influxdb && {
      influxdb: { url: influxdb.url, org: influxdb.org, bucket: influxdb.bucket, token: influxdb.token },
    }),
    server: { listen: `127.0.0.1:${port}` },
    log: { level: 'warn' },
  };
}

/** Compiles the sources and returns the command of the image, so that the bench measures what operators run. */
export async function buildAsInImage(): Promise<readonly string[]> {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [compiler, '--project', join(root, 'tsconfig.build.json')]);
  await copyFile(join(root, 'package.json'), join(root, 'dist/package.json'));
  const dockerfile = await readFile(join(root, 'Dockerfile'), 'utf8');
  const variables = [...dockerfile.matchAll(/^ENV (.*)$/gm)].flatMap((match) => match[1]?.split(/\s+/) ?? []);
  const entrypoint = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1];
  if (entrypoint === undefined) throw new Error('the Dockerfile has no ENTRYPOINT that is a JSON list on one line');
  const [, ...rest] = z.array(z.string()).parse(JSON.parse(entrypoint));
  const nodeArguments = rest.map((argument) => (argument.startsWith('-') ? argument : join(root, 'dist', argument)));
  return [...variables, process.execPath, ...nodeArguments];
}
