/** One number for all that happened, in order (64 bits in two halves of FNV-1a). */
export class TraceHash {
  #low = 0x811c9dc5;
  #high = 0x9747b28c;

  add(line: string): void {
    let low = this.#low;
    let high = this.#high;
    for (let index = 0; index < line.length; index += 1) {
      const code = line.charCodeAt(index);
      low = Math.imul(low ^ code, 0x01000193);
      high = Math.imul(high ^ code ^ (low >>> 13), 0x01000193);
    }
    this.#low = low;
    this.#high = high;
  }

  get text(): string {
    return (this.#high >>> 0).toString(16).padStart(8, '0') + (this.#low >>> 0).toString(16).padStart(8, '0');
  }
}
