import { type ConfigFiles, mainFile } from './corpus.ts';

/**
 * The smallest files found by leaving out files, then lines, then characters, that still fail in the same way. Bytes that are
 * no text stay as they are.
 */
export async function minimise(
  files: ConfigFiles,
  fails: (files: ConfigFiles) => Promise<boolean>,
): Promise<ConfigFiles> {
  let smallest = files;
  const take = async (candidate: ConfigFiles) => {
    if (!(await fails(candidate))) return false;
    smallest = candidate;
    return true;
  };
  const withoutFiles = async () => {
    for (const name of Object.keys(smallest)) {
      const { [name]: _, ...others } = smallest;
      if (name !== mainFile) await take(others);
    }
  };
  await withoutFiles();
  for (const name of Object.keys(smallest)) {
    for (const separator of ['\n', '']) {
      const text = textOf(smallest[name]);
      if (text === undefined) continue;
      await shrink(text.split(separator), async (parts) => await take({ ...smallest, [name]: parts.join(separator) }));
    }
  }
  // What the configuration named before it was shrunk.
  await withoutFiles();
  return smallest;
}

function textOf(content: string | Uint8Array | undefined): string | undefined {
  if (typeof content === 'string' || content === undefined) return content;
  const text = Buffer.from(content).toString();
  return Buffer.from(text).equals(content) ? text : undefined;
}

/** Leaves out halves, quarters and so on, down to single parts, as long as `take` says yes. */
async function shrink(parts: readonly string[], take: (parts: readonly string[]) => Promise<boolean>): Promise<void> {
  let left = parts;
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < left.length; ) {
      const candidate = left.toSpliced(start, size);
      if (await take(candidate)) left = candidate;
      else start += size;
    }
  }
}
