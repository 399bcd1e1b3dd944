/** Colours only where a person looks: on a terminal, and not when NO_COLOR asks for none. */
import pc from 'picocolors';

export function colorsFor(stream: { readonly isTTY?: boolean }): ReturnType<typeof pc.createColors> {
  return pc.createColors(stream.isTTY === true && process.env['NO_COLOR'] === undefined);
}
