import { describeUrl } from '@streamdb/log'
import { withParams, within } from './diagnosis.ts'
import type { Diagnosis, Patient } from './diagnosis.ts'

/** What the stream answered to a read, behind redirects to its own origin. */
export interface Followed {
  readonly response: Response
  /** Where the answer came from, without the parameters of the read. */
  readonly url: string
}

const check = 'redirects'

/** As many as readers follow. */
const mostRedirects = 5

/** Reads the end of the stream as readers do: credentials go to its own origin alone. Throws what `fetch` throws. */
export async function follow(patient: Patient): Promise<Followed | Diagnosis> {
  const { location, origin } = patient
  let url = location.url
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    const response = await fetch(withParams(url, { offset: 'now' }), {
      headers: { ...location.headers, origin },
      signal: within(patient),
      redirect: 'manual',
    })
    await response.body?.cancel()
    const { status, headers } = response
    const to = [301, 302, 303, 307, 308].includes(status) ? headers.get('location') : null
    if (to === null || !URL.canParse(to, url)) return { response, url }
    const target = new URL(to, url)
    target.searchParams.delete('offset')
    const refusal = refuse(new URL(url), target, status)
    if (refusal !== undefined) return refusal
    url = target.href
  }
  return {
    check,
    verdict: 'fault',
    message: `the address leads in a circle, in the end to ${describeUrl(url)}`,
    remedy: 'Let one server, or one node of the cluster, answer; nodes that choose a leader pass',
  }
}

/** Tells of redirects that were followed; nothing where there are none. */
export function checkRedirects({ location }: Patient, { url }: Followed): Diagnosis | undefined {
  if (url === location.url) return undefined
  return {
    check,
    verdict: 'warning',
    message: `the address is redirected to ${describeUrl(url)}: each connection costs a request more, and one in a browser four`,
    remedy: `Use the address ${describeUrl(url)}`,
  }
}

/** What readers say to a redirect. */
function refuse(from: URL, to: URL, status: number): Diagnosis | undefined {
  const message = `the address leads elsewhere: ${status} to ${describeUrl(to.href)}`
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    return {
      check,
      verdict: 'fault',
      message: `${message}, which is not encrypted: readers do not follow`,
      remedy:
        'Let it redirect to https: in nginx `proxy_redirect http:// https://`, and `proxy_set_header X-Forwarded-Proto $scheme` for the server',
    }
  }
  if (from.origin === to.origin) return undefined
  return {
    check,
    verdict: 'fault',
    message: `${message}, another origin: readers do not follow, as credentials would go there`,
    remedy:
      `Use the address that it leads to, or a gateway in front of the nodes (\`ursula gateway\`); or allow it beside streamOptions: ` +
      `redirects: { allow: ['${to.origin}'] }`,
  }
}
