/** The text is not JSON, or JSON that no reader here accepts (too deep, a number out of range). */
export class JsonError extends Error {
  override readonly name = 'JsonError';
}
