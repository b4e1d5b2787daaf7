import { execFile } from 'node:child_process';

export interface ProgramResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  /** Empty where left out. */
  readonly stdin?: string;
  readonly directory?: string;
  /** All that the program sees besides PATH and HOME. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a program to its end. An exit code above zero is a result; a program that could not run or was killed throws. */
export async function runProgram(
  binary: string,
  programArguments: readonly string[],
  { stdin = '', directory, environment = {} }: ProgramOptions = {},
): Promise<ProgramResult> {
  const { PATH, HOME } = process.env;
  const { promise, resolve, reject } = Promise.withResolvers<ProgramResult>();
  const options = { cwd: directory, env: { PATH, HOME, ...environment }, timeout: 60_000, maxBuffer: 64 * 1024 * 1024 };
  const child = execFile(binary, programArguments, options, (error, stdout, stderr) => {
    if (error !== null && typeof error.code !== 'number') {
      reject(new Error(`${binary} ${programArguments.join(' ')} did not run to its end: ${stderr}`, { cause: error }));
    } else {
      resolve({ exitCode: child.exitCode ?? 0, stdout, stderr });
    }
  });
  // A program that ends without reading its input closes the pipe.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(stdin);
  return await promise;
}
