import type { After } from './wave.ts';

export const timeout: After = (ms, act) => {
  const timer = setTimeout(act, ms);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
};
