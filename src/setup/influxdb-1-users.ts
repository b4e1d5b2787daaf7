import type { Run } from './influxdb-1.ts';
import { quoteName, quoteText } from './influxql.ts';
import { change, type Item, note, problem, type SecretPlace, same } from './item.ts';

export type WantedUser = {
  readonly name: string;
  readonly privilege: 'READ' | 'WRITE';
  readonly databases: readonly string[];
  readonly place: SecretPlace;
  readonly makeSecret: () => string;
  /** Gives a new password. */
  readonly isRenewed: boolean;
};

/** `users` says of each who exists whether he is an administrator. */
export async function planUser(wanted: WantedUser, users: ReadonlyMap<string, boolean>, run: Run): Promise<Item> {
  const { name, privilege, databases, place, isRenewed } = wanted;
  const subject = `user ${name}`;
  const goal = `may only ${privilege.toLowerCase()} ${databases.join(', ')}; password ${place.isFile ? `in ${place.name}` : 'shown once'}`;
  const user = quoteName(name);
  if (!users.has(name)) {
    return change(subject, goal, async () => {
      await givePassword(wanted, `CREATE USER ${user} WITH PASSWORD`, run);
      await grant(wanted, databases, run);
    });
  }
  if (users.get(name) === true) return note(subject, 'is an administrator, who may do more than is needed');
  const granted = new Map((await run(`SHOW GRANTS FOR ${user}`)).map((row) => [row['database'], row['privilege']]));
  const lacking = databases.filter((database) => {
    const held = granted.get(database);
    return held !== privilege && held !== 'ALL PRIVILEGES';
  });
  if (isRenewed) {
    return change(subject, `gets a new password, ${goal}`, async () => {
      await givePassword({ ...wanted, place: { ...place, present: '' } }, `SET PASSWORD FOR ${user} =`, run);
      await grant(wanted, lacking, run);
    });
  }
  if (place.present === '' && place.isFile) {
    const words = `is there, but ${place.name} does not hold its password: put it there, or livetally setup --renew-tokens gives a new one`;
    return problem(subject, words);
  }
  if (lacking.length === 0) return same(subject, `may ${privilege.toLowerCase()} ${databases.join(', ')}`);
  return change(subject, `may now ${privilege.toLowerCase()} ${lacking.join(', ')} too`, () =>
    grant(wanted, lacking, run),
  );
}

/** The one that is expected, or a new one. */
async function givePassword({ place, makeSecret }: WantedUser, statement: string, run: Run): Promise<void> {
  const password = place.present === '' ? makeSecret() : place.present;
  await run(`${statement} ${quoteText(password)}`);
  if (place.present === '') await place.put(password);
}

/** What he may do with a database is replaced by a grant, so that a right of another kind is kept by giving both. */
async function grant({ name, privilege }: WantedUser, databases: readonly string[], run: Run): Promise<void> {
  const held = new Map(
    (await run(`SHOW GRANTS FOR ${quoteName(name)}`)).map((row) => [row['database'], row['privilege']]),
  );
  for (const database of databases) {
    const isOther = held.has(database) && held.get(database) !== 'NO PRIVILEGES';
    await run(`GRANT ${isOther ? 'ALL' : privilege} ON ${quoteName(database)} TO ${quoteName(name)}`);
  }
}
