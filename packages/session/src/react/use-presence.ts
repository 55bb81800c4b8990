'use client'

import { useCallback, useMemo, useRef, useSyncExternalStore } from 'react'
import type { PresentDevice } from '../presence-rows.ts'
import { useSessionOf } from './session-context.ts'
import type { SessionSource } from './session-context.ts'
import { isTyping } from './typing-notice.ts'
import { isSame } from './use-selected.ts'

/** Who is there. */
export interface PresenceState {
  /** Every device that was heard of, those that are gone too: `isPresent`, `lastSeen`, and the `state` that it told. */
  readonly devices: readonly PresentDevice[]
  /** The devices that are there now, this one among them. */
  readonly present: readonly PresentDevice[]
  /** The devices of other participants that are there now. */
  readonly others: readonly PresentDevice[]
  /** Those of them on which somebody writes: `useComposer` says so, as `{ typing: true }` in the state. */
  readonly typing: readonly PresentDevice[]
  /** Says something of this device: typing, a cursor, any small state. It takes the place of what was said before. */
  readonly update: (state: unknown) => void
}

/**
 * Follows who is there, people and agents, a device each. Renders when somebody comes, goes, or says something else; not for
 * a heartbeat: of a device that is there, `lastSeen` is when it last said something else.
 *
 * Without presence (`presence: false`) and on a server nobody is there. Throws `invalid-options` where there is no session.
 */
export function usePresence({ session: own }: SessionSource = {}): PresenceState {
  const session = useSessionOf('usePresence', own)
  const { presence } = session
  const last = useRef<{
    readonly heard: readonly PresentDevice[]
    readonly devices: readonly PresentDevice[]
  }>({
    heard: nobody,
    devices: nobody,
  })
  const read = (): readonly PresentDevice[] => {
    const heard = presence?.get() ?? nobody
    if (heard !== last.current.heard) {
      last.current = { heard, devices: withoutBeats(last.current.devices, heard) }
    }
    return last.current.devices
  }
  const devices = useSyncExternalStore(presence?.subscribe ?? subscribeNothing, read, () => nobody)
  const update = useCallback((state: unknown) => presence?.update(state), [presence])
  return useMemo(() => {
    const present = devices.filter(({ isPresent }) => isPresent)
    const others = present.filter(({ participant }) => participant !== session.me.id)
    const typing = others.filter(({ state }) => isTyping(state))
    return { devices, present, others, typing, update }
  }, [devices, update, session])
}

/** Returns the devices with those of `before` that have said nothing new; `before` itself where none has. */
function withoutBeats(
  before: readonly PresentDevice[],
  heard: readonly PresentDevice[],
): readonly PresentDevice[] {
  const known = new Map(before.map((device) => [device.device, device]))
  const devices = heard.map((device) => {
    const old = known.get(device.device)
    return old?.isPresent === true && isSame({ ...old, lastSeen: '' }, { ...device, lastSeen: '' }, 3)
      ? old
      : device
  })
  const isUnchanged =
    devices.length === before.length && devices.every((device, index) => device === before[index])
  return isUnchanged ? before : devices
}

const nobody: readonly PresentDevice[] = []

function subscribeNothing(): () => void {
  return () => undefined
}
