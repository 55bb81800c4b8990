import { useAction, useStreamDB } from '@streamdb/react'
import { useEffect, useId, useRef, useState } from 'react'
import type { SubmitEvent } from 'react'
import type { Database, NewJob } from './database.ts'
import { kindLabels, kinds, titleOf } from './labels.ts'

/** Jobs to begin with. */
const suggestions: readonly NewJob[] = [
  { kind: 'hash', path: '.' },
  { kind: 'words', path: '.' },
  { kind: 'compress', path: 'pnpm-lock.yaml', format: 'brotli' },
  { kind: 'fault', path: '.' },
  { kind: 'hash', path: 'no/such/folder' },
]

/** Starts jobs. `n` focuses the path, Enter starts. */
export function NewJobForm() {
  const { run: start, error } = useAction(useStreamDB<Database>().actions.start)
  const [job, setJob] = useState<NewJob>({ kind: 'hash', path: '.', format: 'gzip', everything: false })
  const path = useRef<HTMLInputElement>(null)
  const names = useId()
  const { kind } = job

  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      if (event.key !== 'n' || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.target instanceof HTMLInputElement && event.target.type === 'text') return
      event.preventDefault()
      path.current?.focus()
      path.current?.select()
    }
    document.addEventListener('keydown', focus)
    return () => document.removeEventListener('keydown', focus)
  }, [])

  function submit(event: SubmitEvent): void {
    event.preventDefault()
    const { format, everything, ...rest } = job
    if (rest.path.trim() === '') return path.current?.focus()
    start({ ...rest, ...(kind === 'compress' ? { format } : everything === true && { everything }) })
  }

  return (
    <form className="new-job" aria-labelledby={`${names}-title`} onSubmit={submit}>
      <h2 id={`${names}-title`}>New job</h2>
      <fieldset className="choice">
        <legend className="visually-hidden">Kind</legend>
        {kinds.map((each) => (
          <label key={each} title={kindLabels[each].about}>
            <input
              type="radio"
              name={`${names}-kind`}
              checked={each === kind}
              onChange={() => setJob({ ...job, kind: each })}
            />
            <span>{kindLabels[each].name}</span>
          </label>
        ))}
      </fieldset>
      <p className="kind-about">{kindLabels[kind].about}.</p>
      <div className="path">
        <label htmlFor={`${names}-path`}>{kind === 'compress' ? 'File' : 'Folder or file'}</label>
        <input
          id={`${names}-path`}
          ref={path}
          type="text"
          required
          maxLength={4_096}
          autoComplete="off"
          spellCheck={false}
          autoCapitalize="off"
          aria-keyshortcuts="n"
          value={job.path}
          onChange={(event) => setJob({ ...job, path: event.target.value })}
        />
        <kbd aria-hidden="true">n</kbd>
      </div>
      {kind === 'compress' ? (
        <fieldset className="choice small">
          <legend className="visually-hidden">Format</legend>
          {(['gzip', 'brotli'] as const).map((format) => (
            <label key={format}>
              <input
                type="radio"
                name={`${names}-format`}
                checked={format === job.format}
                onChange={() => setJob({ ...job, format })}
              />
              <span>{format}</span>
            </label>
          ))}
        </fieldset>
      ) : (
        <label className="check">
          <input
            type="checkbox"
            checked={job.everything === true}
            onChange={(event) => setJob({ ...job, everything: event.target.checked })}
          />
          <span>
            with <code>node_modules</code> and <code>.git</code>
          </span>
        </label>
      )}
      <button type="submit" className="main-button">
        Start
      </button>
      {error !== undefined && (
        <p className="refusal" role="alert">
          {error.message}
        </p>
      )}
      <Suggestions onChoose={start} />
    </form>
  )
}

function Suggestions({ onChoose }: { readonly onChoose: (job: NewJob) => unknown }) {
  return (
    <div className="suggestions" role="group" aria-label="Jobs to try">
      <span aria-hidden="true">Try</span>
      {suggestions.map((job) => (
        <button key={titleOf(job)} type="button" className="chip" onClick={() => onChoose(job)}>
          {titleOf(job)}
        </button>
      ))}
    </div>
  )
}
