/** Rules about files and their text that no linter knows. Each returns what is wrong in words; nothing means tidy. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export type HouseRule = (file: SourceFile) => string | undefined;

const lineLimit = 300;
const emptyWords = /(^|\/)(utils?|helpers?|common|shared|misc|lib)(\/|\.)/;
const isCode = (path: string): boolean => /\.(ts|cc|hpp)$/.test(path);

const tooLong: HouseRule = ({ path, text }) => {
  const lines = text.split('\n').length;
  const limit = path.endsWith('.test.ts') ? 2 * lineLimit : lineLimit;
  return isCode(path) && lines > limit ? `${path} has ${lines} lines, more than ${limit}: it holds two ideas` : undefined;
};

const saysNothing: HouseRule = ({ path }) => (emptyWords.test(path) ? `${path}: the name says nothing of what is inside` : undefined);

const barrel: HouseRule = ({ path, text }) => {
  if (/(^|\/)index\.ts$/.test(path)) return `${path}: import from the file that holds the idea, not from an index`;
  return path.endsWith('.ts') && /^export \* from/m.test(text) ? `${path} re-exports a whole module` : undefined;
};

const kebab: HouseRule = ({ path }) => {
  const name = path.split('/').at(-1) ?? '';
  return path.endsWith('.ts') && !/^[a-z0-9]+([-.][a-z0-9]+)*\.ts$/.test(name) ? `${path}: file names are kebab-case` : undefined;
};

const leftBehind: HouseRule = ({ path, text }) => {
  const found = /\b(TODO|FIXME|XXX|HACK)\b/.exec(text);
  return isCode(path) && !path.startsWith('tools/tidy/') && found
    ? `${path} holds a ${found[0]}: do it, or write it down where it is planned`
    : undefined;
};

const lastingSkip: HouseRule = ({ path, text }) =>
  path.endsWith('.test.ts') && /\b(test|describe|it)\.(skip|only|todo)\(/.test(text) ? `${path} skips or singles out a test` : undefined;

const mock: HouseRule = ({ path, text }) =>
  path.endsWith('.test.ts') && /\bvi\.mock\(/.test(text) ? `${path} mocks a module: use the real one or its in-memory form` : undefined;

export const houseRules: readonly HouseRule[] = [tooLong, saysNothing, barrel, kebab, leftBehind, lastingSkip, mock];
