export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The body of a 2xx answer as JSON, undefined where it is empty. Throws on any other status, with the body. */
export async function readJson(response: Response): Promise<unknown> {
  const text = await readText(response);
  return text === '' ? undefined : JSON.parse(text);
}

/** The body of a 2xx answer. Throws on any other status, with the body. */
export async function readText(response: Response): Promise<string> {
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`${response.url} answered ${response.status}: ${text.slice(0, 1000)}`);
  }
  return text;
}

/** A string inside a JSON answer, such as `org.id`. */
export function stringAt(answer: unknown, path: string): string {
  let value = answer;
  for (const key of path.split('.')) {
    value = isRecord(value) ? value[key] : undefined;
  }
  if (typeof value !== 'string') {
    throw new Error(`no string at ${path} in ${JSON.stringify(answer)}`);
  }
  return value;
}
