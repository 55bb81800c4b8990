/** A list that is scrolled to within this distance of its end follows what is added, in pixels. */
const nearEnd = 64

/**
 * Keeps a scroller at its end while its content grows, as long as the reader is there. Who has scrolled up reads on
 * undisturbed: the browser keeps what is in sight in its place.
 */
export class StickToEnd {
  readonly #element: HTMLElement
  readonly #onChange: (isAtEnd: boolean) => void
  readonly #observer: ResizeObserver
  #follows = true
  #before = 0

  /** `onChange` is told when the reader leaves the end, and comes back to it. */
  constructor(element: HTMLElement, onChange: (isAtEnd: boolean) => void) {
    this.#element = element
    this.#onChange = onChange
    this.#observer = new ResizeObserver(this.#stick)
    this.#observer.observe(element)
    for (const content of element.children) this.#observer.observe(content)
    element.addEventListener('scroll', this.#onScroll, { passive: true })
    this.#stick()
  }

  toEnd(): void {
    this.#set(true)
    this.#stick()
  }

  stop(): void {
    this.#observer.disconnect()
    this.#element.removeEventListener('scroll', this.#onScroll)
  }

  readonly #stick = (): void => {
    if (this.#follows) this.#element.scrollTop = this.#element.scrollHeight
    this.#before = this.#element.scrollTop
  }

  readonly #onScroll = (): void => {
    const { scrollTop, scrollHeight, clientHeight } = this.#element
    const isNear = scrollHeight - scrollTop - clientHeight < nearEnd
    // What grows between a scroll and its event is not the reader's doing: only who goes up has left the end.
    if (isNear || scrollTop < this.#before) this.#set(isNear)
    this.#before = scrollTop
  }

  #set(follows: boolean): void {
    if (this.#follows !== follows) this.#onChange(follows)
    this.#follows = follows
  }
}
