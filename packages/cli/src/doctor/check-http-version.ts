import { isIP } from 'node:net'
import { connect } from 'node:tls'
import type { Diagnosis, Patient } from './diagnosis.ts'

const check = 'HTTP version'

const remedy =
  'Put a proxy with HTTP/2 or HTTP/3 in front; until then let the tabs share one connection (the option `storage`), and do not open ' +
  'more than a few streams in a page'

/** Checks that browsers get more than the six connections that HTTP/1.1 allows to a host, over all tabs. */
export async function checkHttpVersion(patient: Patient): Promise<Diagnosis> {
  const { protocol, hostname, port } = new URL(patient.location.url)
  if (protocol === 'http:') {
    const isHere = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
    const message =
      'plain HTTP is HTTP/1.1 in browsers: six connections to a host, over all tabs, and a live stream takes one'
    return {
      check,
      verdict: 'warning',
      message: isHere ? `${message} (on this machine that is usual)` : message,
      remedy,
    }
  }
  const spoken = await negotiate(hostname, Number(port || 443), patient)
  if (spoken === 'h2')
    return { check, verdict: 'ok', message: 'HTTP/2: any number of streams on one connection' }
  if (spoken === undefined)
    return { check, verdict: 'skipped', message: 'the server does not say which HTTP it speaks' }
  const message = `the server speaks ${spoken} alone: browsers open six connections to it, over all tabs, and a live stream takes one`
  return { check, verdict: 'warning', message, remedy }
}

/** Returns the protocol that TLS agrees on. */
function negotiate(host: string, port: number, { signal, timeout }: Patient): Promise<string | undefined> {
  return new Promise((resolve) => {
    // Whom the certificate is of is for the other checks: nothing is sent here.
    const socket = connect({
      host,
      port,
      // An address is no name.
      ...(isIP(host) === 0 && { servername: host }),
      ALPNProtocols: ['h2', 'http/1.1'],
      rejectUnauthorized: false,
    })
    const end = (protocol: string | undefined): void => {
      socket.destroy()
      resolve(protocol)
    }
    socket.setTimeout(timeout, () => end(undefined))
    socket.once('error', () => end(undefined))
    socket.once('secureConnect', () => end(socket.alpnProtocol || 'http/1.1'))
    signal.addEventListener('abort', () => end(undefined), { once: true })
  })
}
