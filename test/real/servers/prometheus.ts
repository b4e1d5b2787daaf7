import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord, readJson } from './json-answer.ts';
import { requireServer } from './locate.ts';
import { type ProgramResult, runProgram } from './run-program.ts';
import { type ServerProcess, spawnServer } from './spawn-server.ts';

export interface PrometheusSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Prometheus {
  readonly server: ServerProcess;
  readonly url: string;
  /** The instant vector that an expression yields now. */
  query(expression: string): Promise<PrometheusSample[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts Prometheus with the text of a prometheus.yml; rule files in it need absolute paths. */
export async function startPrometheus({ configText }: { readonly configText: string }): Promise<Prometheus> {
  const server = await spawnServer({
    name: 'prometheus',
    binary: requireServer('prometheus'),
    argumentsAt: ({ port, directory }) => [
      `--web.listen-address=127.0.0.1:${port}`,
      `--config.file=${configPath(directory)}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
    ],
    healthPath: '/-/ready',
    prepare: async ({ directory }) => await writeFile(configPath(directory), configText),
  });
  const { url } = server;
  return {
    server,
    url,
    async query(expression) {
      const answer = await readJson(await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: expression })}`));
      const data = isRecord(answer) ? answer['data'] : undefined;
      const result = isRecord(data) ? data['result'] : undefined;
      return Array.isArray(result) ? result.map(parseSample) : [];
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Runs promtool, for instance `promtool(['check', 'metrics'], { stdin: text })`. */
export async function promtool(
  toolArguments: readonly string[],
  options: { readonly stdin?: string; readonly directory?: string } = {},
): Promise<ProgramResult> {
  return await runProgram(requireServer('promtool'), toolArguments, options);
}

function configPath(directory: string): string {
  return join(directory, 'prometheus.yml');
}

function parseSample(sample: unknown): PrometheusSample {
  if (!isRecord(sample) || !isRecord(sample['metric']) || !Array.isArray(sample['value'])) {
    throw new Error(`no instant vector: ${JSON.stringify(sample)}`);
  }
  const labels = Object.entries(sample['metric']).map(([name, value]) => [name, String(value)]);
  return { labels: Object.fromEntries(labels), value: Number(sample['value'][1]) };
}
