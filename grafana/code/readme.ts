import * as z from 'zod';

const target = z.object({
  datasource: z.object({ uid: z.string() }),
  query: z.string().optional(),
  expr: z.string().optional(),
});
const panel = z.object({
  id: z.number(),
  title: z.string(),
  type: z.string(),
  description: z.string().optional(),
  fieldConfig: z.object({ defaults: z.object({ unit: z.string().optional() }) }).optional(),
  targets: z.array(target).optional(),
});
/** A collapsed row holds its panels. */
const panelOrRow = panel.extend({ panels: z.array(panel).optional() });
const dashboard = z.object({
  uid: z.string(),
  title: z.string(),
  description: z.string(),
  panels: z.array(panelOrRow),
  templating: z.object({
    list: z.array(
      z.object({ name: z.string(), datasource: target.shape.datasource, query: z.object({ query: z.string() }) }),
    ),
  }),
  annotations: z.object({ list: z.array(z.object({ name: z.string(), target })).optional() }),
});

/** Panel, query, unit and source of every dashboard, in Markdown, from the JSON that Grafana loads. */
export function describeDashboards(jsons: readonly string[]): string {
  return [introduction, ...jsons.map((json) => describeDashboard(dashboard.parse(JSON.parse(json))))].join('\n');
}

const introduction = `# Dashboards

Made from the sources in \`grafana/code\` by \`npm run generate\`, this page included: change those, not the JSON. \`livetally setup --grafana DIR\` writes the same for your configuration, with your labels, zone and thresholds.
Grafana 11 to 13; every query of every panel, variable and annotation is run against InfluxDB 2.9.1 and 1.8.10 with the data of a simulated week and compared with what is true (\`test/real/dashboards.test.ts\`), those of Health against a real Prometheus. Grafana itself was not to be had where this was made, so there are no pictures: \`test/docker-smoke/run\`, for whoever has Docker, asks a real one whether all of it loads and answers; it has not been run here.

Queries are shown as they are stored: \`$timeFilter\` is the range, \`\${room:regex}\` what is chosen. Unit \`locale\` writes every digit.
`;

function describeDashboard({
  uid,
  title,
  description,
  panels,
  templating,
  annotations,
}: z.infer<typeof dashboard>): string {
  const rows = panels
    .flatMap((one) => [one, ...(one.panels ?? [])])
    .flatMap((one) =>
      (one.targets ?? []).map((query, index) => {
        const name = index === 0 ? `${one.title} (${one.id})` : '';
        return [name, code(query.query ?? query.expr ?? ''), one.fieldConfig?.defaults.unit ?? '', sourceOf(query)];
      }),
    );
  const others = [
    ...templating.list.map(({ name, query, datasource }) => [
      `variable \`${name}\``,
      code(query.query),
      '',
      sourceOf({ datasource }),
    ]),
    ...(annotations.list ?? []).map((one) => [
      `annotation ${one.name}`,
      code(one.target.query ?? ''),
      '',
      sourceOf(one.target),
    ]),
  ];
  return [
    `## ${title}`,
    '',
    `\`${uid}\`. ${description}`,
    '',
    '| panel (id) | query | unit | source |',
    '|---|---|---|---|',
    ...[...rows, ...others].map((cells) => `| ${cells.join(' | ')} |`),
    '',
  ].join('\n');
}

function sourceOf({ datasource }: { readonly datasource: { readonly uid: string } }): string {
  return `\`${datasource.uid}\``;
}

/** A bar ends a cell of a table, even within code. */
function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}
