import { eventually, needs } from '@streamdb/testkit'
import { expect, test } from 'vitest'
import { lines, newSessionUrl, open } from './support/sessions.ts'

test('[A16] a fork has what was visible, without copying it, and goes its own way', async () => {
  await needs('forks')
  const url = await newSessionUrl()
  const ada = await open(url, 'ada')
  await ada.send('One')
  const two = await ada.send('Two')
  await ada.send('Three')
  const whole = await open((await ada.fork()).url, 'bob')
  const until = await open((await ada.fork({ at: two.id })).url, 'carol')
  await ada.send('Four')
  await whole.send('Other')
  expect(lines(whole)).toEqual(['ada: One', 'ada: Two', 'ada: Three', 'bob: Other'])
  expect(lines(until)).toEqual(['ada: One', 'ada: Two'])
  expect(lines(ada)).toEqual(['ada: One', 'ada: Two', 'ada: Three', 'ada: Four'])
  await expect(ada.fork({ at: 'none' })).rejects.toMatchObject({ code: 'not-found' })
  await expect(ada.fork({ url })).rejects.toMatchObject({ code: 'request-failed', status: 409 })
})

test('[A16] [F-session-12] a fork in mid message has the text so far, and neither its run nor its questions', async () => {
  await needs('forks')
  const url = await newSessionUrl()
  const ada = await open(url, 'ada')
  const agent = ada.agent({
    name: 'bot',
    handle: async (run) => {
      const writer = run.openText()
      writer.write('Half an answer')
      await run.ask('Go on?')
      writer.write(', and the rest')
      await writer.end()
    },
  })
  await agent.ready
  await ada.send('Hi')
  await eventually(() => expect(lines(ada)).toEqual(['ada: Hi', 'bot: Half an answer']))
  const [approval] = await eventually(() => {
    const all = [...ada.collections.approvals.values()]
    expect(all).toHaveLength(1)
    return all
  })
  const answer = ada.view().get()[1]?.message.id ?? ''
  const fork = await open((await ada.fork()).url, 'bob')
  const shorter = await open((await ada.fork({ at: { message: answer, length: 4 } })).url, 'bob')
  await ada.approve(approval?.id ?? '')
  await eventually(() => expect(lines(ada)).toEqual(['ada: Hi', 'bot: Half an answer, and the rest']))
  expect(lines(fork)).toEqual(['ada: Hi', 'bot: Half an answer'])
  expect(lines(shorter)).toEqual(['ada: Hi', 'bot: Half'])
  expect([...fork.collections.approvals.values()]).toMatchObject([{ status: 'cancelled' }])
  expect([...fork.collections.runs.values()]).toMatchObject([{ status: 'cancelled', code: 'forked' }])
})

test('[A16] [F-session-12] a tool call that waits for its run has ended in a fork', async () => {
  await needs('forks')
  const url = await newSessionUrl()
  const ada = await open(url, 'ada')
  const agent = ada.agent({
    name: 'bot',
    handle: (run) => run.tool({ name: 'order', input: {}, approval: true, run: () => 1 }),
  })
  await agent.ready
  const { id } = await ada.send('Hi')
  await eventually(() => expect(ada.run(`bot.${id}`)?.status).toBe('waiting'))
  const fork = await open((await ada.fork()).url, 'bob')
  expect(fork.message(`bot.${id}`)?.parts).toMatchObject([
    { toolState: 'output-error', state: 'interrupted', error: 'interrupted' },
  ])
  expect(ada.message(`bot.${id}`)?.parts).toMatchObject([{ toolState: 'awaiting-approval' }])
})

test('[A16] the fork of a session whose URL has a query lies beside it, with the same query', async () => {
  await needs('forks')
  const url = `${await newSessionUrl()}?token=secret`
  const ada = await open(url, 'ada')
  await ada.send('One')
  const fork = new URL((await ada.fork()).url)
  expect(fork.search).toBe('?token=secret')
  expect(fork.pathname).toMatch(new RegExp(`^${new URL(url).pathname}-.+`))
  expect(lines(await open(fork.href, 'bob'))).toEqual(['ada: One'])
})

test('[EN8] [EN11] without `forks`: the fork is refused by a code of its own, and nothing is left of it', async () => {
  const url = await newSessionUrl()
  // What a server that knows no forks makes of it: a stream like any other.
  const plain: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers)
    headers.delete('Stream-Forked-From')
    headers.delete('Stream-Fork-Offset')
    return fetch(input, { ...init, headers })
  }
  const ada = await open(url, 'ada', { streamOptions: { fetch: plain } })
  await ada.send('One')
  const target = `${url}-fork`
  await expect(ada.fork({ url: target })).rejects.toMatchObject({ code: 'fork-unsupported' })
  expect((await fetch(target)).status).toBe(404)
})
