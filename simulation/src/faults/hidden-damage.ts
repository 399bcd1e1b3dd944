/** Where damaged data are that nobody may have met yet: until then no other node may lose anything. */

/** The one under way may have passed the place already. */
const scrubsUntilMet = 2;

export class HiddenDamage {
  #node: string | undefined;
  #scrubsLeft = 0;

  get isThere(): boolean {
    return this.#node !== undefined;
  }

  hide(node: string): void {
    this.#node = node;
    this.#scrubsLeft = scrubsUntilMet;
  }

  /** A node has looked at everything it holds. */
  scrubbed(node: string): void {
    if (node === this.#node && (this.#scrubsLeft -= 1) === 0) this.#node = undefined;
  }
}
