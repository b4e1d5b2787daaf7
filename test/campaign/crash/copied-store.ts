import { cpSync, mkdirSync } from 'node:fs';
import { configText } from '../../e2e/account.ts';
import type { RetentionPlace } from './killed-retention.ts';

/** A store of its own in a folder of that name, made of a template whose samples are of a year that is long over. */
export async function copyStore(template: string, { folder, tencent, world }: RetentionPlace, name: string) {
  mkdirSync(folder.path(name));
  const store = folder.path(`${name}/store.db`);
  cpSync(template, store);
  const text = configText({ baseUrl: tencent.url, store: `${store}, keep: 3650d`, world });
  return { store, config: await folder.write(`${name}/livetally.yaml`, text) };
}
