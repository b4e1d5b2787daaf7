import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { planGrafanaFiles } from '../../../src/setup/grafana-files.ts';
import type { Item } from '../../../src/setup/item.ts';
import { createWorkspace } from '../../e2e/livetally-process.ts';

const files = [
  { path: 'provisioning/datasources/livetally.yaml', text: 'apiVersion: 1\n' },
  { path: 'dashboards/livetally/live.json', text: '{}\n' },
];

async function makeAll(items: readonly Item[]): Promise<void> {
  for (const item of items) if (item.status === 'change') await item.make();
}

describe("Grafana's files", () => {
  test('are written where they are missing or differ, and not touched where they agree', async () => {
    await using folder = await createWorkspace();
    const grafana = folder.path('grafana');
    await makeAll(await planGrafanaFiles(grafana, files));
    expect(await planGrafanaFiles(grafana, files)).toMatchObject([{ status: 'same' }]);

    const [datasources, dashboard] = files.map(({ path }) => `${grafana}/${path}`);
    const before = await stat(datasources ?? '');
    await writeFile(dashboard ?? '', 'edited');
    const items = await planGrafanaFiles(grafana, files);
    expect(items).toMatchObject([{ status: 'change', subject: `file ${dashboard}`, words: 'differs' }]);
    await makeAll(items);
    expect(await readFile(dashboard ?? '', 'utf8')).toBe('{}\n');
    expect((await stat(datasources ?? '')).ino).toBe(before.ino);
  });

  test('of other names are left alone, and nothing else is left behind', async () => {
    await using folder = await createWorkspace();
    await mkdir(folder.path('provisioning/datasources'), { recursive: true });
    await folder.write('provisioning/datasources/mine.yaml', 'mine');
    await makeAll(await planGrafanaFiles(folder.path('.'), files));
    expect((await readdir(folder.path('provisioning/datasources'))).sort()).toEqual(['livetally.yaml', 'mine.yaml']);
    expect(await readFile(folder.path('provisioning/datasources/mine.yaml'), 'utf8')).toBe('mine');
  });

  test('that cannot be written are problems, told before the first is written', async () => {
    await using folder = await createWorkspace();
    const file = await folder.write('grafana', 'a file where the folder belongs');
    expect(await planGrafanaFiles(file, files)).toMatchObject([
      { status: 'problem', words: expect.stringContaining('cannot be written to (ENOTDIR)') },
      { status: 'problem' },
    ]);
  });
});
