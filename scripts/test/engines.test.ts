import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { createHosts } from '../engines/hosts.mjs'
import { startEngine } from '../engines/start-engine.mjs'

const headers = { 'content-type': 'application/json', connection: 'close' }

test('[EN1] a node that is killed and started again has its URL and its streams', async () => {
  const engine = await startEngine('node')
  onTestFinished(() => engine.stop())
  const url = engine.streamUrl('rooms/1')
  expect((await fetch(url, { method: 'PUT', headers })).status).toBe(201)
  expect((await fetch(url, { method: 'POST', headers, body: '[{"n":1}]' })).status).toBe(204)

  const [node] = engine.nodes
  const before = node?.pid
  await node?.kill()
  expect(node?.pid).toBeUndefined()
  expect(await node?.isReady()).toBe(false)
  await node?.start()
  expect(node?.pid).not.toBe(before)
  expect(await (await fetch(url, { headers })).json()).toEqual([{ n: 1 }])
})

test('[EN2] a node that does not start is an error with the end of its log', async () => {
  const other = createServer((request) => request.socket.destroy()).listen(0, '127.0.0.1')
  onTestFinished(() => void other.close())
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  await expect(startEngine('node', { port })).rejects.toThrow(/node at .* ended with 1[^]*EADDRINUSE/)
})

test('[EN3] the processes are gone when the one that started them is killed', async () => {
  const module = fileURLToPath(new URL('../engines/start-engine.mjs', import.meta.url))
  const program = `
    import { startEngine } from ${JSON.stringify(module)}
    const engine = await startEngine('node', { memory: true })
    process.stdout.write(String(engine.nodes[0].pid))
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [text] = (await once(child.stdout, 'data')) as [Buffer]
  const pid = Number(text)
  expect(isRunning(pid)).toBe(true)
  child.kill('SIGKILL')
  await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false)
})

/** A zombie, which nobody has waited for yet, has ended: the state behind the name in parentheses. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !existsSync('/proc/self/stat') || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

test('[EN10] a host that is cut off is not reached, nobody is told, and what was asked goes on when it is back', async ({
  skip,
}) => {
  const { hosts, reason, remove } = createHosts(1)
  onTestFinished(remove)
  const [host] = hosts
  if (host === undefined) return skip(`no network namespaces: ${reason}`)
  const serve = `require('node:http').createServer((_, answer) => answer.end('here')).listen(80, () => console.log('up'))`
  const { command, args } = host.inside(process.execPath, ['-e', serve])
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  const ask = async (): Promise<string> => (await fetch(`http://${host.address}/`, { headers })).text()
  expect(await ask()).toBe('here')
  host.cut()
  const asked = ask()
  const first = await Promise.race([
    asked,
    new Promise((resolve) => setTimeout(() => resolve('silence'), 300)),
  ])
  expect(first).toBe('silence')
  host.join()
  expect(await asked).toBe('here')
})
