import { statSync } from 'node:fs';
import { type Database, openForReading } from './database.ts';

const mostTold = 3;

/** Reading a larger file through takes longer than somebody waits for a start. */
const mostBytes = 4 * 1024 ** 3;

/** What can be told of damage that was met, without keeping anybody waiting; nothing where it cannot be seen any more. */
export function describeDamage(path: string): string {
  if (statSync(path).size > mostBytes) return 'not searched for, the file is large';
  return findDamage(path).join('; ');
}

/** What is damaged in a file, in SQLite's words with the names of tables; none where it can be read from end to end. */
export function findDamage(path: string): readonly string[] {
  let database: Database | undefined;
  try {
    database = openForReading(path);
    const names = treeNames(database);
    const lines = database.prepare(`PRAGMA quick_check(${mostTold})`).all();
    return lines
      .flatMap((row) => String(row['quick_check']).split('\n'))
      .filter((line) => line !== 'ok' && !line.startsWith('***'))
      .slice(0, mostTold)
      .map((line) => line.replace(/^Tree (\d+)/, (tree, page: string) => names.get(page) ?? tree));
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  } finally {
    database?.close();
  }
}

/** By the page that the table or index begins on. */
function treeNames(database: Database): ReadonlyMap<string, string> {
  const rows = database.prepare('SELECT rootpage, type, name FROM sqlite_schema WHERE rootpage > 0').all();
  return new Map(rows.map((row) => [String(row['rootpage']), `${row['type']} ${row['name']}`]));
}
