import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { generatedFiles } from '../../config/generate.ts';

test.each((await generatedFiles()).map(({ file, text }) => [basename(file.pathname), file, text] as const))(
  '%s agrees with the sources (else run `npm run generate`)',
  (_name, file, text) => {
    expect(readFileSync(file, 'utf8')).toBe(text);
  },
);
