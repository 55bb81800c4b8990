import { number, quantity } from '@streamdb/example-shared/page'
import { size } from './labels.ts'
import type { JobResult } from './state.ts'

/** What came of a job. */
export function JobResultView({ result }: { readonly result: JobResult }) {
  switch (result.kind) {
    case 'hash':
      return (
        <>
          <Facts
            facts={[
              ['SHA-256', result.sha256],
              ['files', number(result.files)],
              ['size', size(result.bytes)],
            ]}
          />
          <table className="hashes">
            <caption className="visually-hidden">SHA-256 of each file</caption>
            <tbody tabIndex={0}>
              {result.first.map((file) => (
                <tr key={file.path}>
                  <th scope="row">{file.path}</th>
                  <td>
                    <code>{file.sha256}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {result.files > result.first.length && (
            <p className="note">
              and {quantity(result.files - result.first.length, 'file')} more in the output
            </p>
          )}
        </>
      )
    case 'words':
      return (
        <>
          <Facts
            facts={[
              ['words', number(result.words)],
              ['distinct', number(result.distinct)],
              ['lines', number(result.lines)],
              ['files', number(result.files)],
            ]}
          />
          <ol role="list" className="words" aria-label="The most frequent words">
            {result.top.map(({ word, times }) => (
              <li key={word}>
                <code>{word}</code> {number(times)}
              </li>
            ))}
          </ol>
        </>
      )
    case 'compress': {
      const saved = result.bytes === 0 ? 0 : 1 - result.compressed / result.bytes
      return (
        <Facts
          facts={[
            ['before', size(result.bytes)],
            ['after', size(result.compressed)],
            ['saved', `${(100 * saved).toFixed(1)}%`],
          ]}
        />
      )
    }
    case 'fault':
      return <Facts facts={[['files', number(result.files)]]} />
  }
}

function Facts({ facts }: { readonly facts: readonly (readonly [term: string, value: string])[] }) {
  return (
    <dl className="result">
      {facts.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
