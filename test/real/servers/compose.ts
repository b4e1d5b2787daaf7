import { requireServer } from './locate.ts';
import { runProgram } from './run-program.ts';

export type ComposeConfig =
  | {
      readonly status: 'valid';
      /** The file as compose understands it, variables filled in. */
      readonly config: unknown;
      /** For instance that a variable is not set. */
      readonly warnings: string;
    }
  | { readonly status: 'invalid'; readonly message: string };

/** What `docker compose config` makes of a compose file, which sees only the variables of `env`. Needs no engine. */
export async function composeConfig(options: {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}): Promise<ComposeConfig> {
  const composeArguments = ['--file', options.file, 'config', '--format', 'json'];
  const { exitCode, stdout, stderr } = await runProgram(requireServer('docker-compose'), composeArguments, {
    environment: options.env,
  });
  return exitCode === 0
    ? { status: 'valid', config: JSON.parse(stdout), warnings: stderr }
    : { status: 'invalid', message: stderr };
}
