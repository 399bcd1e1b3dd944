/**
 * JSON as payloads hold it, without loss: an integer stays an integer, a float a float.
 *
 * number: an integer up to 2^53 − 1, or a float that is not integral. bigint: a larger integer (64 bits signed or unsigned).
 * JsonFloat: a float whose value is integral (`1.0`, `1e3`), which a plain number could not tell from an integer.
 */
export type JsonValue = null | boolean | string | number | bigint | JsonFloat | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export class JsonFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}
