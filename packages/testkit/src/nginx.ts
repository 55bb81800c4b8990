import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const binary = process.env['NGINX'] ?? '/usr/sbin/nginx'

/** Why tests of nginx cannot run here; nothing where they can. */
export const nginxMissing: string | undefined = !existsSync(binary)
  ? `nginx is not installed as ${binary}: scripts/install-nginx.sh`
  : undefined

/** What nginx runs with. */
export interface NginxOptions {
  /** What stands in `http { }`; `LISTEN` is where the first server is to listen, `FOLDER` its folder, with `tls.crt` and `tls.key`. */
  readonly http: string
  /** Whether the URL is that of TLS. */
  readonly tls?: boolean | undefined
}

/** A running nginx. */
export interface Nginx {
  readonly url: string
  /** What it has written about errors. */
  readonly log: () => string
  close(): Promise<void>
}

/** Starts nginx on loopback, in one process that ends with this one. Rejects with its log where the configuration is none. */
export async function startNginx({ http, tls = false }: NginxOptions): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'streamdb-nginx-'))
  const port = await freePort()
  if (http.includes('tls.crt')) makeCertificate(folder)
  for (const name of ['body', 'proxy', 'cache']) mkdirSync(join(folder, name))
  const own = http.replaceAll('LISTEN', `127.0.0.1:${port}`).replaceAll('FOLDER', folder)
  const lines = [
    'daemon off; master_process off; error_log stderr error; pid nginx.pid;',
    'events { worker_connections 256; }',
    'http {',
    '  access_log off; client_body_temp_path body; proxy_temp_path proxy;',
    own,
    '}',
  ]
  writeFileSync(join(folder, 'nginx.conf'), lines.join('\n'))
  const args = ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr']
  const running = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  running.stderr.on('data', (chunk: Buffer) => void (log += chunk.toString()))
  const ended = new Promise<void>((resolve) => running.once('close', () => resolve()))
  const kill = (): void => void running.kill('SIGKILL')
  process.once('exit', kill)
  const close = async (): Promise<void> => {
    process.off('exit', kill)
    running.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  while (!(await accepts(port))) {
    if (running.exitCode === null) continue
    await close()
    throw new Error(`nginx did not start: ${log}`)
  }
  return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, log: () => log, close }
}

function makeCertificate(folder: string): void {
  const files = ['-keyout', join(folder, 'tls.key'), '-out', join(folder, 'tls.crt')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', '-x509', ...key, ...subject, ...files], { stdio: 'pipe' })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // of a TCP server
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Whether something listens there; where not, after a moment. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true))
    socket.once('error', () => setTimeout(resolve, 10, false))
    socket.once('connect', () => socket.destroy())
  })
}
