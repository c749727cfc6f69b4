/** A key no other request will have. */
const freshKey = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * What somebody means to do, once. The same wish keeps its `Idempotency-Key` however often it is sent, so that a retry after a
 * lost answer does nothing twice; another wish, or the next one after a definite answer, gets a key of its own.
 */
export class Intent {
  #wish = ''
  #key = ''

  keyFor(wish: unknown): string {
    const said = JSON.stringify(wish)
    if (said !== this.#wish || !this.#key) {
      this.#wish = said
      this.#key = freshKey()
    }
    return this.#key
  }

  /** It was answered for good, with yes or no. */
  settled(): void {
    this.#key = ''
  }
}
