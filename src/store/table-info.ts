import { type Database, integer } from './database.ts';

export type Column = {
  readonly name: string;
  readonly keyPlace: number;
  readonly type: string;
  /** Every row fills it. */
  readonly isRequired: boolean;
};

/** The tables that the schema of a store makes. */
export function tableNames(database: Database): readonly string[] {
  const rows = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all();
  return rows.map(({ name }) => String(name));
}

/** Without those that are computed. */
export function columnsOf(database: Database, table: string): readonly Column[] {
  return database
    .prepare('SELECT name, type, pk, "notnull" FROM pragma_table_xinfo(?) WHERE hidden = 0')
    .all(table)
    .map((row) => ({
      name: String(row['name']),
      type: String(row['type']),
      keyPlace: integer(row['pk']),
      isRequired: row['notnull'] === 1,
    }));
}
