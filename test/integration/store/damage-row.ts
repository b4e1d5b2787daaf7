import { openDatabase } from '../../../src/store/database.ts';

/** As damage does it, and no statement can: with values that the columns of a table do not take. `change` is what follows SET. */
export function damageRow(path: string, table: string, change: string): void {
  using database = openDatabase(path, 1_000);
  database.enableDefensive(false);
  database.exec('PRAGMA foreign_keys = OFF');
  const sound = database.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').get(table)?.['sql'];
  const describeAs = (sql: string) =>
    database.exec(
      `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = ${sql} WHERE name = '${table}'; PRAGMA writable_schema = RESET`,
    );
  describeAs("replace(replace(sql, 'NOT NULL', ''), ') STRICT', ')')");
  database.exec(`UPDATE ${table} SET ${change}`);
  describeAs(`'${sound}'`);
}
