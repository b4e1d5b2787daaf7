import { existsSync } from 'node:fs';
import { refuseStrangers } from './companions.ts';
import { type Database, openForReading, readPragma } from './database.ts';
import { explain, identify } from './open-file.ts';
import { realPath } from './real-path.ts';
import { migrations } from './schema.ts';

/**
 * Opens a store beside the process that writes to it, and changes nothing. Throws with words for the operator, also where the
 * store is older than what this program reads, unless any version will do.
 */
export function openBesides(path: string, { anyVersion = false } = {}): Database {
  if (!existsSync(path)) {
    refuseStrangers(realPath(path));
    throw new Error(`there is no store at ${path}; correct store.path, or start livetally run first`);
  }
  let database: Database | undefined;
  try {
    database = openForReading(path);
    identify(database, path, migrations.length);
    const version = readPragma(database, 'user_version');
    if (version < migrations.length && !anyVersion) {
      throw new Error(
        `the store ${path} was written by an older livetally: its version is ${version}, this program reads ${migrations.length}; ` +
          'start livetally run on it, which brings it up to date',
      );
    }
    return database;
  } catch (error) {
    database?.close();
    throw explain(error, path);
  }
}
