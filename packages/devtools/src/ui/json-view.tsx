import { useState } from 'react'

/** Longer text is cut until it is asked for: a browser takes long to lay it out. */
const most = 20_000

/** A value as indented JSON, in colours. */
export function JsonView({ value, label }: { readonly value: unknown; readonly label: string }) {
  const [isWhole, setWhole] = useState(false)
  const text = JSON.stringify(value, undefined, 2) ?? 'undefined'
  const shown = isWhole ? text : text.slice(0, most)
  return (
    <>
      {/* A scrolled region is one that the keyboard reaches. */}
      <pre className="json" tabIndex={0} role="group" aria-label={label}>
        {tokens(shown).map(({ kind, text: each }, index) => (
          <span key={index} className={kind}>
            {each}
          </span>
        ))}
      </pre>
      {shown.length < text.length && (
        <button type="button" className="button" onClick={() => setWhole(true)}>
          Show all of it
        </button>
      )}
    </>
  )
}

interface Token {
  readonly kind: 'json-key' | 'json-string' | 'json-number' | 'json-word' | 'json-mark'
  readonly text: string
}

/** Splits JSON into parts of one colour. */
function tokens(text: string): readonly Token[] {
  const parts = /("(?:\\.|[^"\\])*"?)(\s*:)?|(-?\d[\d.eE+-]*)|(true|false|null)|([^"\d\-tfn]+|.)/g
  return [...text.matchAll(parts)].map(([whole, string, colon, number, word]) => {
    if (string !== undefined) return { kind: colon === undefined ? 'json-string' : 'json-key', text: whole }
    if (number !== undefined) return { kind: 'json-number', text: whole }
    return { kind: word === undefined ? 'json-mark' : 'json-word', text: whole }
  })
}
