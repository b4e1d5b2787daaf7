import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { change, type Item, problem, same } from './item.ts';
import { whyNotWritable } from './secret-file.ts';

/** `path` is relative to the folder that holds them all. */
export type GrafanaFile = { readonly path: string; readonly text: string };

/** What differs in the folder. Files of other names are not looked at. */
export async function planGrafanaFiles(folder: string, files: readonly GrafanaFile[]): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (const { path, text } of files) {
    const file = join(folder, path);
    const present = await readIfThere(file);
    if (present === text) continue;
    const obstacle = await whyNotWritable(file);
    const subject = `file ${file}`;
    if (obstacle !== undefined) items.push(problem(subject, obstacle));
    else items.push(change(subject, present === undefined ? 'new' : 'differs', () => replaceFile(file, text)));
  }
  return items.length > 0
    ? items
    : [same(`folder ${folder}`, `holds the ${files.length} files of Grafana as they should be`)];
}

/** A reader sees the old file or the new one, never a part. */
async function replaceFile(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  // Grafana reads files that end in .yaml and .json.
  const fresh = `${file}.new`;
  await writeFile(fresh, text);
  await rename(fresh, file);
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw new Error(`${file} cannot be read`, { cause: error });
  }
}
