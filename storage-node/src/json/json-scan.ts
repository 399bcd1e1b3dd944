/**
 * One look over a JSON text before it is parsed: is it too deep, and where are its long lists of numbers?
 *
 * Depth is counted here because the reviver of `JSON.parse` recurses on the machine stack. The scan is right for valid JSON; on anything
 * else it may cut oddly, and the parser then refuses the rest.
 */
import { JsonError } from './json-error.ts';

export const maxJsonDepth = 128;

/** Shorter lists are cheap to read exactly. */
const minListLength = 48;

const quote = 0x22;
const backslash = 0x5c;
const openList = 0x5b;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Long lists that hold only numbers, in order; throws JsonError when the text nests deeper than `maxJsonDepth`. */
export function findNumberLists(text: string): readonly Span[] {
  const lists: Span[] = [];
  const numbers = /\[[0-9\s.,eE+-]*\]/y;
  let depth = 0;
  let at = 0;
  while (at < text.length) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = endOfString(text, at);
        continue;
      case openList:
        numbers.lastIndex = at;
        if (numbers.test(text)) {
          if (numbers.lastIndex - at >= minListLength) lists.push({ start: at, end: numbers.lastIndex });
          at = numbers.lastIndex;
          continue;
        }
        depth = deeper(depth);
        break;
      case openObject:
        depth = deeper(depth);
        break;
      case closeList:
      case closeObject:
        depth -= 1;
        break;
      default:
    }
    at += 1;
  }
  return lists;
}

function deeper(depth: number): number {
  if (depth >= maxJsonDepth) throw new JsonError(`nested deeper than ${maxJsonDepth} levels`);
  return depth + 1;
}

/** Just after the closing quote of the string that opens at `start`; the end of the text when it never closes. */
function endOfString(text: string, start: number): number {
  let close = text.indexOf('"', start + 1);
  while (close !== -1) {
    let before = close - 1;
    while (text.charCodeAt(before) === backslash) before -= 1;
    if ((close - before) % 2 === 1) return close + 1;
    close = text.indexOf('"', close + 1);
  }
  return text.length;
}
