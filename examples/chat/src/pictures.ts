import type { FileLimits } from './description.ts'
import { size } from './format.ts'

/** A picture as it was chosen, with its size in pixels. */
export interface Picture {
  readonly file: File
  /** The file as a data URL, which the outbox can keep. */
  readonly data: string
  /** Shows it, until the page is closed or the address is revoked. */
  readonly url: string
  readonly width: number
  readonly height: number
}

/** Opens a file as a picture; rejects with what is wrong with it, for a person. */
export async function toPicture(file: File, { types, maxBytes }: FileLimits): Promise<Picture> {
  if (!types.includes(file.type)) throw new Error(`${file.name} is not a picture that can be attached.`)
  if (file.size > maxBytes) {
    throw new Error(`${file.name} has ${size(file.size)}; at most ${size(maxBytes)} can be attached.`)
  }
  const bitmap = await createImageBitmap(file).catch((cause: unknown) => {
    throw new Error(`${file.name} cannot be read as a picture.`, { cause })
  })
  const { width, height } = bitmap
  bitmap.close()
  const data = await readAsDataURL(file)
  return { file, data, url: URL.createObjectURL(file), width, height }
}

/** Returns the file that a data URL holds. */
export function toBlob(data: string): Blob {
  const comma = data.indexOf(',')
  const type = data.slice('data:'.length, data.indexOf(';'))
  const bytes = Uint8Array.from(atob(data.slice(comma + 1)), (character) => character.charCodeAt(0))
  return new Blob([bytes], { type })
}

function readAsDataURL(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    // A data URL is text.
    reader.addEventListener('load', () => resolve(reader.result as string))
    reader.addEventListener('error', () =>
      reject(new Error(`${file.name} cannot be read.`, { cause: reader.error })),
    )
    reader.readAsDataURL(file)
  })
}

/** Returns the picture among what was pasted or dropped. */
export function pictureIn(data: DataTransfer | null): File | undefined {
  return [...(data?.files ?? [])].find(({ type }) => type.startsWith('image/'))
}

/** `PNG, JPEG or GIF, at most 8.4 MB`. */
export function describeLimits({ types, maxBytes }: FileLimits): string {
  const names = types.map((type) => type.replace('image/', '').toUpperCase())
  return `${new Intl.ListFormat('en', { type: 'disjunction' }).format(names)}, at most ${size(maxBytes)}`
}
