import { eventually } from '@streamdb/testkit'
import { expect, test } from 'vitest'
import type { Approval, Session } from '../src/index.ts'
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
