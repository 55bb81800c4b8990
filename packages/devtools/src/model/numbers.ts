/** A growing list of event numbers, four bytes each. */
export class Numbers {
  #values = new Uint32Array(1024)
  #length = 0

  get length(): number {
    return this.#length
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Uint32Array(this.#length * 2)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.#length++] = value
  }

  at(index: number): number {
    return this.#values[index] ?? 0
  }

  clear(): void {
    this.#length = 0
  }

  /** Removes the values before `value`; they ascend. Returns how many went. */
  dropBefore(value: number): number {
    const count = this.lowerBound(value)
    this.#values.copyWithin(0, count, this.#length)
    this.#length -= count
    return count
  }

  /** Returns the index of the first value that is not before `value`; they ascend. */
  lowerBound(value: number): number {
    let low = 0
    let high = this.#length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.at(middle) < value) low = middle + 1
      else high = middle
    }
    return low
  }
}
