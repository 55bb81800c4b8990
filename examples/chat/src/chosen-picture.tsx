import { CloseIcon } from '@streamdb/example-shared/page'
import type { Picture } from './pictures.ts'
import { size } from './format.ts'

interface ChosenPictureProps {
  readonly picture: Picture
  readonly maxBytes: number
  readonly onRemove: () => void
}

/** A picture that is attached to the next message, with the size that one may have. */
export function ChosenPicture({ picture: { file, url }, maxBytes, onRemove }: ChosenPictureProps) {
  return (
    <div className="chosen">
      <img src={url} alt="" />
      <p>
        {file.name}{' '}
        <span className="quiet">
          {size(file.size)} of at most {size(maxBytes)}
        </span>
      </p>
      <button
        type="button"
        className="icon-button"
        aria-label={`Remove ${file.name}`}
        onClick={() => {
          URL.revokeObjectURL(url)
          onRemove()
        }}
      >
        <CloseIcon />
      </button>
    </div>
  )
}
