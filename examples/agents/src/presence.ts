import { useReadable } from '@streamdb/react'
import type { PresentDevice, Session } from '@streamdb/session'

const nobody = { get: () => none, subscribe: () => () => undefined }
const none: readonly PresentDevice[] = []

/** Returns who is there, a device each. */
export function useDevices(session: Session): readonly PresentDevice[] {
  return useReadable(session.presence ?? nobody).filter(({ isPresent }) => isPresent)
}

/** Tells whether a device says that somebody writes there. */
export function isTyping({ state }: PresentDevice): boolean {
  return Reflect.get(Object(state), 'typing') === true
}
