/** Vectors on the wire: little-endian 32-bit floats, as every machine this runs on keeps them. */

export function packFloats(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

/** A view where alignment allows, else a copy. Throws RangeError when the bytes are no whole number of floats. */
export function unpackFloats(bytes: Uint8Array): Float32Array {
  if (bytes.byteLength % 4 !== 0) throw new RangeError(`${bytes.byteLength} bytes are no whole number of 32-bit floats`);
  // Not slice(): a Buffer's is a view of the same memory.
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}
