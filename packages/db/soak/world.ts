import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startFaultProxy } from '@streamdb/testkit'
import type { Fault, FaultProxy } from '@streamdb/testkit'

// The world of the soak, a process of its own so that its memory is not counted: the real server with its files, killed
// and started again, and a fault proxy for each client. It says `{ urls }` once, and then does evil until told to heal.

const [dataDir = '', clients = '1', seed = '1'] = process.argv.slice(2)
const serverFile = fileURLToPath(new URL('./server.js', import.meta.url))
let port = 0
let server: ChildProcess
let random = Number(seed)

/** A small seeded generator (mulberry32): a soak can be run again. */
function next(): number {
  random = (random + 0x6d2b79f5) | 0
  let t = Math.imul(random ^ (random >>> 15), 1 | random)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
}

async function startServer(): Promise<void> {
  server = spawn(process.execPath, [serverFile, dataDir, String(port)], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const [message] = (await once(server, 'message')) as [{ port: number }] // what server.ts says
  port = message.port
}

async function killServer(): Promise<void> {
  server.kill('SIGKILL')
  await once(server, 'exit')
  await startServer()
}

const evils: readonly (() => Fault)[] = [
  () => ({ kind: 'cut', after: 'nothing', by: 'rst' }),
  () => ({ kind: 'cut', after: 'nothing', by: 'fin' }),
  () => ({ kind: 'cut', after: Math.floor(next() * 400), by: next() < 0.5 ? 'rst' : 'fin' }),
  () => ({ kind: 'drop', by: 'rst' }),
  () => ({ kind: 'delay', ms: Math.floor(next() * 800) }),
  () => ({ kind: 'blackhole' }),
  () => ({ kind: 'answer', status: 503, headers: { 'retry-after': '1' } }),
  () => ({
    kind: 'answer',
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<html>Welcome</html>',
  }),
  () => ({ kind: 'throttle', bytes: 64, everyMs: 5 }),
]

async function doEvil(proxies: readonly FaultProxy[]): Promise<void> {
  const proxy = proxies[Math.floor(next() * proxies.length)]
  if (proxy === undefined) return
  const dice = next()
  if (dice < 0.08) await killServer()
  else if (dice < 0.2) proxy.cut(next() < 0.5 ? 'rst' : 'fin')
  else if (dice < 0.25) proxy.freeze()
  else if (dice < 0.3) {
    await proxy.refuse()
    setTimeout(() => void proxy.heal(), 500 + next() * 2000)
  } else {
    const evil = evils[Math.floor(next() * evils.length)]
    // A page of HTML in answer to a write would be a success to any client: only readers meet it.
    const fault = evil?.() ?? { kind: 'blackhole' }
    proxy.fault(fault, fault.kind === 'answer' && fault.status === 200 ? { match: /^GET/ } : {})
  }
}

await startServer()
const target = `http://127.0.0.1:${port}`
const proxies = await Promise.all(Array.from({ length: Number(clients) }, () => startFaultProxy(target)))
process.send?.({ direct: target, urls: proxies.map((proxy) => proxy.url) })

let evil = true
process.on('message', (message: 'heal' | 'end') => {
  evil = false
  void Promise.all(proxies.map((proxy) => proxy.heal())).then(() => {
    if (message === 'end') {
      server.kill('SIGKILL')
      process.exit(0)
    }
    process.send?.('healed')
  })
})
while (evil) {
  await new Promise((resolve) => setTimeout(resolve, 50 + next() * 700))
  if (evil) await doEvil(proxies)
}
