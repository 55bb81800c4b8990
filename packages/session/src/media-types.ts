/** What a browser shows without running anything of it. JSON is not among them: a stream of it holds messages, not bytes. */
const shown = [
  /^image\/(png|jpeg|gif|webp|avif|bmp|heic)$/,
  /^(audio|video)\/[\w.+-]+$/,
  /^application\/pdf$/,
  /^text\/plain$/,
]

/**
 * Returns the type that bytes are served with. Whoever opens their URL is on the origin of the stream server: HTML, and SVG with
 * scripts, would run there, so what is not known to be harmless is served as bytes.
 */
export function servedType(mediaType: string): string {
  const type = mediaType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return shown.some((pattern) => pattern.test(type)) ? type : 'application/octet-stream'
}
