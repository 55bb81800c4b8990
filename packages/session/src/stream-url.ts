/** Returns the URL of a stream that belongs to a session. */
export function below(url: string, name: string): string {
  const target = new URL(url)
  target.pathname = `${target.pathname.replace(/\/$/, '')}/${name}`
  return target.href
}
