import { CloseIcon } from './icons.tsx'
import type { Picture } from './pictures.ts'
import { size } from './words.ts'

interface ChosenPictureProps {
  readonly picture: Picture
  readonly onRemove: () => void
}

/** A picture that is about to be sent. */
export function ChosenPicture({ picture: { file, url }, onRemove }: ChosenPictureProps) {
  return (
    <div className="chosen">
      <img src={url} alt="" />
      <p>
        {file.name} <span className="quiet">{size(file.size)}</span>
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
