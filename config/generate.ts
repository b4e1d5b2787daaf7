import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describeDashboards } from '../grafana/code/readme.ts';
import { describeOptions } from '../src/config/describe-options.ts';
import { configJsonSchema } from '../src/config/json-schema.ts';
import { describeMetrics } from '../src/telemetry/metric-table.ts';
import { exampleGrafanaFiles } from './generate-grafana.ts';

const schemaFile = new URL('livetally.schema.json', import.meta.url);
const readmeFile = new URL('../README.md', import.meta.url);
const dashboardsReadmeFile = new URL('../grafana/README.md', import.meta.url);

/** What is made from the sources and committed; a test compares it. `npm run generate` writes it. */
export async function generatedFiles(): Promise<readonly { readonly file: URL; readonly text: string }[]> {
  const readme = readFileSync(readmeFile, 'utf8');
  const grafanaFiles = await exampleGrafanaFiles();
  const dashboards = grafanaFiles.filter(({ file }) => file.pathname.endsWith('.json'));
  const withOptions = replaceSection(readme, 'options', describeOptions());
  return [
    { file: schemaFile, text: `${JSON.stringify(configJsonSchema(), undefined, 2)}\n` },
    { file: readmeFile, text: replaceSection(withOptions, 'metrics', describeMetrics()) },
    { file: dashboardsReadmeFile, text: describeDashboards(dashboards.map(({ text }) => text)) },
    ...grafanaFiles,
  ];
}

function replaceSection(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}: generated -->`, `<!-- ${name}: end -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md lacks the markers ${begin} and ${end}`);
  return `${text.slice(0, from + begin.length)}\n${content.trimEnd()}\n${text.slice(to)}`;
}

if (import.meta.main) {
  for (const { file, text } of await generatedFiles()) {
    mkdirSync(new URL('.', file), { recursive: true });
    writeFileSync(file, text);
  }
}
