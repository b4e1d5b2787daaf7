import { cpSync, mkdirSync } from 'node:fs';
import type { Simulator } from '../../../src/simulator/server.ts';
import type { World } from '../../../src/simulator/world.ts';
import { configText } from '../../e2e/account.ts';
import type { Workspace } from '../../e2e/livetally-process.ts';

/** Where stores are copied to, and what is polled into them. */
export type CrashPlace = { readonly folder: Workspace; readonly tencent: Simulator; readonly world: World };

export type CopiedStore = { readonly store: string; readonly config: string };

/** A store of its own in a folder of that name. `keep`: for how long its samples are kept. */
export async function copyStore(
  template: string,
  { folder, tencent, world }: CrashPlace,
  { name, keep, influxdb }: { readonly name: string; readonly keep: string; readonly influxdb?: string },
): Promise<CopiedStore> {
  mkdirSync(folder.path(name));
  const store = folder.path(`${name}/store.db`);
  cpSync(template, store);
  const text = configText({
    ...{ baseUrl: tencent.url, store: `${store}, keep: ${keep}`, world },
    ...(influxdb !== undefined && { influxdb }),
  });
  return { store, config: await folder.write(`${name}/livetally.yaml`, text) };
}
