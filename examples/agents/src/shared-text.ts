import type { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'
import { caretAt } from './carets.ts'
import { changeBetween, movePlace } from './text-change.ts'

/** Binds a textarea to a shared text: what is typed goes into it, and what others write comes out, with the caret in its place. */
export class SharedText {
  readonly #box: HTMLTextAreaElement
  readonly #text: Y.Text
  readonly #awareness: Awareness
  #isComposing = false
  /** Where the others were told that this caret is. */
  #said: number | undefined

  constructor(box: HTMLTextAreaElement, text: Y.Text, awareness: Awareness) {
    this.#box = box
    this.#text = text
    this.#awareness = awareness
    box.value = text.toJSON()
    text.observe(this.#onText)
    box.addEventListener('input', this.#onInput)
    box.addEventListener('compositionstart', this.#onCompositionStart)
    box.addEventListener('compositionend', this.#onCompositionEnd)
    for (const type of ['focus', 'blur', 'select', 'keyup', 'pointerup'])
      box.addEventListener(type, this.#onPlace)
  }

  stop(): void {
    const box = this.#box
    this.#text.unobserve(this.#onText)
    box.removeEventListener('input', this.#onInput)
    box.removeEventListener('compositionstart', this.#onCompositionStart)
    box.removeEventListener('compositionend', this.#onCompositionEnd)
    for (const type of ['focus', 'blur', 'select', 'keyup', 'pointerup'])
      box.removeEventListener(type, this.#onPlace)
    this.#say(undefined)
  }

  readonly #onInput = (): void => {
    // Half a character is nobody else's business, and writing into the box would end the composition.
    if (!this.#isComposing) this.#take()
  }

  #take(): void {
    const { value, selectionEnd } = this.#box
    const change = changeBetween(this.#text.toJSON(), value, selectionEnd)
    if (change === undefined) return
    this.#text.doc?.transact(() => {
      this.#text.delete(change.at, change.removed)
      this.#text.insert(change.at, change.inserted)
    }, this)
    this.#onPlace()
  }

  readonly #onCompositionStart = (): void => {
    this.#isComposing = true
  }

  readonly #onCompositionEnd = (): void => {
    this.#isComposing = false
    this.#take()
  }

  readonly #onText = ({ delta }: Y.YTextEvent, { origin }: Y.Transaction): void => {
    if (origin === this || this.#isComposing) return
    const box = this.#box
    const { selectionStart, selectionEnd, scrollTop } = box
    const isAtEnd = box.scrollHeight - scrollTop - box.clientHeight < 24
    box.value = this.#text.toJSON()
    if (document.activeElement === box) {
      box.setSelectionRange(movePlace(selectionStart, delta), movePlace(selectionEnd, delta))
    }
    // Who reads elsewhere stays there; who is at the end sees what is written.
    box.scrollTop = isAtEnd && document.activeElement !== box ? box.scrollHeight : scrollTop
  }

  readonly #onPlace = (): void => {
    this.#say(document.activeElement === this.#box ? this.#box.selectionEnd : undefined)
  }

  /** Tells the others where this caret is, as far as that is another place than before. */
  #say(place: number | undefined): void {
    const state = this.#awareness.getLocalState()
    if (state === null || place === this.#said) return
    this.#said = place
    this.#awareness.setLocalState({
      ...state,
      caret: place === undefined ? undefined : caretAt(this.#text, place),
    })
  }
}
