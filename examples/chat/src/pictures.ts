/** A picture as it was chosen, with its size in pixels. */
export interface Picture {
  readonly file: File
  /** Shows it, until the page is closed or the address is revoked. */
  readonly url: string
  readonly width: number
  readonly height: number
}

/** Attachments are to be some megabytes at most. */
export const largest: number = 8 * 1024 * 1024
/** What browsers show and the server takes. */
export const types = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'] as const

/** Looks at a file; rejects with what is wrong with it, for a person to read. */
export async function toPicture(file: File): Promise<Picture> {
  if (!types.some((type) => type === file.type))
    throw new Error(`${file.name} is no picture that can be shown.`)
  if (file.size > largest) throw new Error(`${file.name} has more than 8 megabytes.`)
  const bitmap = await createImageBitmap(file).catch((cause: unknown) => {
    throw new Error(`${file.name} cannot be read as a picture.`, { cause })
  })
  const { width, height } = bitmap
  bitmap.close()
  return { file, url: URL.createObjectURL(file), width, height }
}

/** Returns the picture among what was pasted or dropped. */
export function pictureIn(data: DataTransfer | null): File | undefined {
  return [...(data?.files ?? [])].find(({ type }) => type.startsWith('image/'))
}
