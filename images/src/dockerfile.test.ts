import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { imageConfig, imageNames } from './image-config.ts';
import { debianCodename } from './system-files.ts';

interface Instruction {
  readonly keyword: string;
  readonly value: string;
}

interface Stage {
  readonly from: string;
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

const folder = fileURLToPath(new URL('..', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest: { readonly version: string } = JSON.parse(readFileSync(new URL('../../operator/package.json', import.meta.url), 'utf8'));
const stages = stagesOf(readFileSync(`${folder}/Dockerfile`, 'utf8'));

describe.for(imageNames)('the Dockerfile makes the same image as the script: %s', (name) => {
  const config = imageConfig(name);
  const stage = stages.find((each) => each.name === name);
  const values = (keyword: string) => (stage?.instructions ?? []).filter((each) => each.keyword === keyword).map((each) => each.value);

  test('of the same files: those that the script chose, and no others', () => {
    expect(stage?.from).toBe('scratch');
    expect(values('COPY')).toEqual([`--from=build /images/${name}/ /`]);
    expect(stage?.instructions.map(({ keyword }) => keyword)).toEqual(['COPY', 'LABEL', 'ENV', 'WORKDIR', 'USER', 'ENTRYPOINT']);
  });

  test('with the same user, entrypoint, environment and labels', () => {
    expect(values('USER')).toEqual([config.user]);
    expect(values('WORKDIR')).toEqual([config.workingDirectory]);
    expect(values('ENTRYPOINT').map((value): unknown => JSON.parse(value))).toEqual([config.entrypoint]);
    expect(values('ENV').map(pairs)).toEqual([config.env]);
    expect(values('LABEL').map(pairs)).toEqual([{ ...config.labels, 'org.opencontainers.image.version': manifest.version }]);
  });
});

test('it builds on the Debian that the script asks for, with the script', () => {
  const build = stages[0];
  expect(build?.from).toContain(`-${debianCodename}-`);
  expect(build?.instructions.map(({ value }) => value)).toContain('make image-files FOLDER=/images');
});

test('nothing that is tracked is kept from it', () => {
  const ignored = readFileSync(`${folder}/Dockerfile.dockerignore`, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.replace('**/', ''));
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0');
  expect(tracked.filter((path) => path.split('/').some((part) => ignored.includes(part)))).toEqual([]);
});

function stagesOf(text: string): readonly Stage[] {
  const lines = text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return lines.reduce<readonly Stage[]>((before, line) => {
    const [keyword = '', ...words] = line.split(' ');
    if (keyword === 'FROM') return [...before, { from: words[0] ?? '', name: words[2] ?? '', instructions: [] }];
    const last = before.at(-1);
    if (!last) throw new Error(`no stage before ${line}`);
    return [...before.slice(0, -1), { ...last, instructions: [...last.instructions, { keyword, value: words.join(' ') }] }];
  }, []);
}

/** `A=1 B="two words"` */
function pairs(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...text.matchAll(/(\S+?)=(?:"([^"]*)"|(\S+))/g)].map(([, name, quoted, plain]) => [name, quoted ?? plain]));
}
