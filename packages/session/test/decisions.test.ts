import { eventually } from '@streamdb/testkit'
import { expect, test } from 'vitest'
import type { AgentRun, Approval, Session } from '../src/index.ts'
import { newSessionUrl, open } from './support/sessions.ts'

const approval: Approval = { id: 'a1', run: 'r1', agent: 'bot', kind: 'approval', status: 'pending' }

async function openBoth(...ids: string[]): Promise<Session[]> {
  const url = await newSessionUrl()
  const sessions = await Promise.all(ids.map((id) => open(url, id)))
  await sessions[0]?.db
    .transact(() => void sessions[0]?.collections.approvals.insert(approval))
    .when('settled')
  await eventually(() => {
    for (const session of sessions) expect(session.collections.approvals.has('a1')).toBe(true)
  })
  return sessions
}

test.each([
  ['two participants', 'ada', 'bob'],
  ['two devices of one participant', 'ada', 'ada'],
])(
  '[A8] of %s that decide at once, the first in the log counts, and the second is told',
  async (_, ...ids) => {
    const [one, other] = (await openBoth(...ids)) as [Session, Session]
    const outcomes = await Promise.allSettled([one.approve('a1'), other.deny('a1', { reason: 'no' })])
    const [winner] = outcomes.filter(({ status }) => status === 'fulfilled')
    const [loser] = outcomes.filter(({ status }) => status === 'rejected')
    expect(loser).toMatchObject({
      reason: { code: 'already-decided', winner: (winner as PromiseFulfilledResult<unknown>).value },
    })
    await expect(one.approve('a1')).rejects.toMatchObject({ code: 'already-decided' })
  },
)

test('[A8] what was decided, has expired or is not there cannot be decided', async () => {
  const [ada] = (await openBoth('ada')) as [Session]
  await expect(ada.answer('a1', false)).rejects.toMatchObject({ code: 'invalid-options' })
  const put = (status: Approval['status']): Promise<unknown> =>
    ada.collections.approvals.update('a1', (row) => void Object.assign(row, { status })).when('settled')
  await put('expired')
  await expect(ada.approve('a1')).rejects.toMatchObject({ code: 'expired' })
  await put('approved')
  await expect(ada.deny('a1')).rejects.toMatchObject({ code: 'already-decided' })
  await put('cancelled')
  await expect(ada.deny('a1')).rejects.toMatchObject({ code: 'run-over' })
  await expect(ada.approve('none')).rejects.toMatchObject({ code: 'not-found' })
  await expect(ada.answer('none', 1)).rejects.toMatchObject({ code: 'not-found' })
  await expect(ada.cancel('none')).rejects.toMatchObject({ code: 'not-found' })
})

test('[A8] a decision that is in the log before its question expired is in time; one behind that is not', async () => {
  const url = await newSessionUrl()
  const ada = await open(url, 'ada')
  const approvals = ada.collections.approvals
  // A device that does not know the time, and has not heard of an end yet.
  const approveBy = (subject: string): Promise<unknown> =>
    ada.collections.decisions
      .insert({ id: `${subject}:ada`, subject, actor: 'ada', verdict: 'approve' })
      .when('settled')
  let isDecided = false
  // The holder's row says that the question has expired, and is on its way while Ada decides.
  const late: typeof fetch = async (input, init) => {
    if (!isDecided && String(init?.body).includes('"status":"expired"')) {
      isDecided = true
      const pending = await eventually(() => {
        const [row] = [...approvals.values()]
        if (row === undefined) throw new Error('no question was read yet')
        return row
      })
      await approveBy(pending.id)
    }
    return fetch(input, init)
  }
  const host = await open(url, 'host', { streamOptions: { fetch: late } })
  const ran: string[] = []
  const handle = async (run: AgentRun): Promise<void> => {
    const call = { name: 'order', input: {}, approval: { expiresIn: 40 }, run: () => ran.push(run.id) }
    await run.tool(call).catch(() => undefined)
  }
  await host.agent({ name: 'bot', handle }).ready
  const first = await ada.send('One')
  await eventually(() => expect(ada.run(`bot.${first.id}`)?.status).toBe('done'))
  expect(ran).toEqual([`bot.${first.id}`])
  const second = await ada.send('Two')
  await eventually(() => expect(ada.run(`bot.${second.id}`)?.status).toBe('done'))
  expect(ran).toHaveLength(1)
  expect([...approvals.values()].map(({ status }) => status).sort()).toEqual(['approved', 'expired'])
  const [expired] = [...approvals.values()].filter(({ status }) => status === 'expired')
  if (expired === undefined) throw new Error('no question has expired')
  await approveBy(expired.id)
  expect(ada.decision(expired.id)).toBeUndefined()
})
