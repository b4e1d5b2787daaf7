import { readlinkSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const mostLinks = 40;

/** Where a symbolic link leads to, though nothing may be there: what lies beside a store lies beside the file itself. */
export function realPath(path: string, links = mostLinks): string {
  const target = targetOf(path);
  return target === undefined || links === 0 ? path : realPath(resolve(dirname(path), target), links - 1);
}

function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
