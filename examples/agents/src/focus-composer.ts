/** Gives the place to write the focus, where that opens no touch keyboard. */
export function focusComposer(): void {
  if (matchMedia('(pointer: coarse)').matches) return
  document.querySelector<HTMLElement>('.composer textarea')?.focus({ preventScroll: true })
}
