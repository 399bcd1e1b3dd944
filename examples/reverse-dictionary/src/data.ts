/** The data of the example: words with vectors, questions with vectors. */
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { z } from 'zod';

export const dimension = 384;
const folder = new URL('../data/', import.meta.url);

const word = z.strictObject({
  word: z.string(),
  lemmas: z.array(z.string()),
  definition: z.string(),
  pos: z.enum(['noun', 'verb', 'adjective', 'adverb']),
  topic: z.string(),
  frequency: z.int(),
  synset: z.string(),
});
type Word = z.output<typeof word>;

const question = z.strictObject({ question: z.string(), answer: z.string(), pos: word.shape.pos.optional() });

export interface Question extends z.output<typeof question> {
  readonly vector: readonly number[];
}

export interface Dictionary {
  readonly words: readonly Word[];
  /** Row `i` belongs to `words[i]`. */
  vector(index: number): number[];
  readonly questions: readonly Question[];
}

export async function readDictionary(): Promise<Dictionary> {
  const lines = (await promisify(gunzip)(await readFile(new URL('words.jsonl.gz', folder)))).toString().trim().split('\n');
  const words = lines.map((line) => word.parse(JSON.parse(line)));
  const packed = await readFile(new URL('vectors.i8.bin', folder));
  const components = new Int8Array(packed.buffer, packed.byteOffset, packed.length);
  if (components.length !== words.length * dimension) throw new Error('data/vectors.i8.bin does not fit data/words.jsonl.gz');
  const asked = z.array(question).parse(JSON.parse(await readFile(new URL('questions.json', folder), 'utf8')));
  const raw = await readFile(new URL('questions.f32.bin', folder));
  const questionVectors = new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length));
  return {
    words,
    vector: (index) => Array.from(components.subarray(index * dimension, (index + 1) * dimension), (component) => component / 127),
    questions: asked.map((each, index) => ({
      ...each,
      vector: Array.from(questionVectors.subarray(index * dimension, (index + 1) * dimension)),
    })),
  };
}
