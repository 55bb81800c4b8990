import { askPolicy, eventsOf } from './ask-policy.ts'
import type { Denial, ExpectedDenial, PolicyAttempt, TestedPolicy } from './policy.ts'

/** A policy, or its `authorize` alone: a function of whatever parameters. */
type Tested = TestedPolicy | ((context: never) => unknown)

/**
 * Resolves where a policy allows an attempt. Rejects otherwise, with who tried what, on which rows, and why it was denied; with what
 * the policy throws; and with a `TypeError` for an attempt that is none.
 *
 * @example
 * ```ts
 * const authorize = ({ user }: { user: { id: string } }) => user.id === 'ada'
 * await expectAllowed(authorize, { user: { id: 'ada' }, event: state.messages.delete({ key: '1' }) })
 * await expectAllowed({ authorize }, { user: { id: 'grace' }, stream: 'rooms/1', read: true })
 * ```
 */
export async function expectAllowed(policy: Tested, attempt: PolicyAttempt): Promise<void> {
  const denial = await askPolicy(policy, attempt)
  if (denial !== undefined) {
    throw new Error(
      `Expected the policy to allow it, but it was denied${describeDenial(denial)}\n${describe(attempt)}`,
    )
  }
}

/**
 * Resolves with the denial where a policy denies an attempt, and as it is expected. Rejects otherwise, as `expectAllowed` does.
 *
 * @example
 * ```ts
 * const authorize = ({ user }: { user: { id: string } }) => user.id === 'ada' || { code: 'not-ada', message: 'Ada alone' }
 * const event = state.messages.delete({ key: '1' })
 * await expectDenied(authorize, { user: { id: 'grace' }, event }, { code: 'not-ada' })
 * ```
 */
export async function expectDenied(
  policy: Tested,
  attempt: PolicyAttempt,
  expected: ExpectedDenial = {},
): Promise<Denial> {
  const denial = await askPolicy(policy, attempt)
  if (denial === undefined) {
    throw new Error(
      `Expected the policy to deny it${describeExpected(expected)}, but it was allowed\n${describe(attempt)}`,
    )
  }
  const { code, message, path, index } = expected
  const isSame =
    (code === undefined || code === denial.code) &&
    (path === undefined || path === denial.path) &&
    (index === undefined || index === denial.index) &&
    (message === undefined ||
      (typeof message === 'string' ? message === denial.message : message.test(denial.message)))
  if (isSame) return denial
  throw new Error(
    `Expected the policy to deny it${describeExpected(expected)}, but it was denied${describeDenial(denial)}\n${describe(attempt)}`,
  )
}

function describeExpected(expected: ExpectedDenial): string {
  const parts = Object.entries(expected).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${value instanceof RegExp ? String(value) : JSON.stringify(value)}`],
  )
  return parts.length === 0 ? '' : ` with ${parts.join(', ')}`
}

function describeDenial({ code, message, path, index }: Denial): string {
  const where = [
    path === undefined ? '' : ` at ${path}`,
    index === undefined ? '' : ` of event ${index}`,
  ].join('')
  return ` with code ${JSON.stringify(code)}${where}: ${message}`
}

/** Says who tried what, a line each. */
function describe(attempt: PolicyAttempt): string {
  const { user, stream = 'test' } = attempt
  const lines = [`  user: ${shorten(user)}`, `  stream: ${JSON.stringify(stream)}`]
  if ('read' in attempt) return [...lines, '  to read it'].join('\n')
  if ('operation' in attempt) return [...lines, `  operation: ${attempt.operation}`].join('\n')
  for (const [index, { type, key, value, headers }] of eventsOf(attempt).entries()) {
    const what = value === undefined ? '' : ` ${shorten(value)}`
    lines.push(`  event ${index}: ${headers.operation} ${type} ${JSON.stringify(key)}${what}`)
  }
  lines.push(`  rows before: ${attempt.rows?.length ?? 0} events`)
  return lines.join('\n')
}

const longest = 300

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > longest ? `${text.slice(0, longest)}...` : text
}
