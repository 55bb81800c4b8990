import { useConnectionLost, useStreamDB, useStreamStatus } from '@streamdb/react'
import { useState } from 'react'
import type { Database } from './database.ts'
import { chooseSource } from './description.ts'
import type { Source } from './state.ts'
import { useSource } from './use-source.ts'
import { useDescription } from './workplace.ts'

/** A connection that is lost for a shorter time is not mentioned, in milliseconds. */
const patience = 1_500

/** Says what keeps changes from coming, and what can be shown instead; where they come from, if not from Wikimedia. */
export function SourceBanner() {
  const source = useSource()
  const db = useStreamDB<Database>()
  const isLost = useConnectionLost(patience, db)
  const status = useStreamStatus()
  if (isLost || (status.name === 'failed' && status.error.code !== 'stream-not-found')) {
    return (
      <div className="trouble">
        <p role="alert">The server does not answer. What is shown may be out of date.</p>
        <button type="button" onClick={() => db.retry()}>
          Try now
        </button>
      </div>
    )
  }
  if (source === undefined) return undefined
  const text = describe(source)
  return text === undefined ? undefined : <Banner source={source} text={text} />
}

function describe({ origin, state, label, detail, speed }: Source): string | undefined {
  const reason = detail === undefined ? '' : ` (${detail})`
  switch (state) {
    case 'connecting':
      return undefined
    case 'open':
      if (origin === 'live') return undefined
      return origin === 'replay'
        ? `This is a replay of ${label}, again and again, at ${speed} changes a second: it does not happen now.`
        : `These changes are made up, ${speed} a second: nobody edits these pages.`
    case 'waiting':
      return `The connection to ${hostOf(label)} is lost${reason}. It is tried again by itself, and nothing is missed.`
    case 'unreachable':
      return `${hostOf(label)} cannot be reached${reason}: there may be no Internet here. It is tried again by itself.`
    case 'ended':
      return detail ?? `${hostOf(label)} sends no more changes.`
  }
}

function Banner({ source, text }: { readonly source: Source; readonly text: string }) {
  const { replay, speeds, source: address } = useDescription()
  const [speed, setSpeed] = useState(source.speed ?? 50)
  const [refusal, setRefusal] = useState<string>()
  const isBad = source.state !== 'open'
  const choose = (name: string): void => {
    setRefusal(undefined)
    chooseSource(name).catch((error: unknown) => setRefusal(String(error)))
  }

  return (
    <section className={isBad ? 'source bad-source' : 'source'} aria-label="Where changes come from">
      <p role={isBad ? 'alert' : 'status'}>{refusal ?? text}</p>
      <div className="source-buttons">
        <label>
          <span className="visually-hidden">Speed</span>
          <select
            value={speed}
            onChange={(event) => {
              const next = Number(event.target.value)
              setSpeed(next)
              if (source.origin !== 'live') choose(`${source.origin}/${next}`)
            }}
          >
            {[...new Set([...speeds, speed])]
              .sort((a, b) => a - b)
              .map((each) => (
                <option key={each} value={each}>
                  {each} a second
                </option>
              ))}
          </select>
        </label>
        {replay !== undefined && source.origin !== 'replay' && (
          <button type="button" onClick={() => choose(`replay/${speed}`)}>
            Replay {replay}
          </button>
        )}
        {(source.origin !== 'synthetic' || isBad) && (
          <button type="button" onClick={() => choose(`synthetic/${speed}`)}>
            Show made-up changes
          </button>
        )}
        <button type="button" onClick={() => choose('live')}>
          {source.origin === 'live' ? 'Try now' : `Read ${hostOf(address)}`}
        </button>
      </div>
    </section>
  )
}

function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address
}
