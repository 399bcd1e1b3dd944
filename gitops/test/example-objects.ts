/** Every object of the example repository, with the file that it is in. */
import { readdirSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

export const exampleFolder = new URL('../example/', import.meta.url);

const exampleObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.strictObject({
    name: z.string().max(63),
    namespace: z.string().optional(),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
});

export type ExampleObject = z.output<typeof exampleObject> & { readonly file: string };

export function exampleObjects(): readonly ExampleObject[] {
  const files = readdirSync(exampleFolder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
  return files.flatMap((file) =>
    parseAllDocuments(readFileSync(new URL(file, exampleFolder), 'utf8')).map((document) => ({
      ...exampleObject.parse(document.toJS()),
      file,
    })),
  );
}
