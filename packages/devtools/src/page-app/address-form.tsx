import { useState } from 'react'

interface AddressFormProps {
  readonly value: string
  readonly onOpen: (url: string) => void
}

/** Asks for a stream's URL. */
export function AddressForm({ value, onOpen }: AddressFormProps) {
  const [text, setText] = useState(value)
  return (
    <form
      className="address"
      onSubmit={(event) => {
        event.preventDefault()
        if (text.trim() !== '') onOpen(text.trim())
      }}
    >
      <input
        type="text"
        className="mono"
        aria-label="URL of the stream"
        placeholder="http://localhost:4437/v1/stream/chat"
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <button type="submit" className="button">
        Open
      </button>
    </form>
  )
}
