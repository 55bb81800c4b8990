import { CloseIcon } from '@streamdb/example-shared/page'

interface ChosenFilesProps {
  readonly files: readonly File[]
  /** How much is stored, from 0 to 1; undefined while nothing is sent. */
  readonly progress: number | undefined
  readonly onRemove: (file: File) => void
}

/** The files that go with the next message. */
export function ChosenFiles({ files, progress, onRemove }: ChosenFilesProps) {
  if (files.length === 0) return undefined
  return (
    <ul role="list" className="chosen-files" aria-label="Attached">
      {files.map((file) => (
        <li key={`${file.name}/${file.size}/${file.lastModified}`}>
          <span>{file.name}</span>
          {progress === undefined ? (
            <button type="button" aria-label={`Remove ${file.name}`} onClick={() => onRemove(file)}>
              <CloseIcon />
            </button>
          ) : (
            <progress aria-label={`Storing ${file.name}`} value={progress} />
          )}
        </li>
      ))}
    </ul>
  )
}
