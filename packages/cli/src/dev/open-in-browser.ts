import { spawn } from 'node:child_process'

/** Opens an address in the browser; nothing happens where there is none, as its address is printed anyhow. */
export function openInBrowser(url: string): void {
  const [command, args]: readonly [string, string[]] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['rundll32', ['url.dll,FileProtocolHandler', url]]
        : ['xdg-open', [url]]
  const child = spawn(command, args, { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}
