/** Objects of a recorded life. */
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { healthFolder } from '../src/argocd/folders.ts';

const folder = new URL('testdata/', healthFolder);
const recordedObject = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ generation: z.number() }),
  spec: z.looseObject({}),
  status: z.looseObject({ observedGeneration: z.number().optional() }).optional(),
});

export type RecordedObject = z.output<typeof recordedObject>;

export function readRecorded(path: URL): RecordedObject {
  return recordedObject.parse(parse(readFileSync(path, 'utf8')));
}

export function allRecorded(): readonly (readonly [name: string, object: RecordedObject])[] {
  return readdirSync(folder).map((file) => [file.replace('.yaml', ''), readRecorded(new URL(file, folder))] as const);
}
