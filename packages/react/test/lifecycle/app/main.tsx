import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ModuleRoom } from './module-room.tsx'
import { OpenedRoom } from './opened-room.tsx'
import { SuspendedRoom, SwappedRoom } from './swapped-room.tsx'
import { TwoRooms } from './two-rooms.tsx'

const scenes = { ModuleRoom, OpenedRoom, SuspendedRoom, SwappedRoom, TwoRooms }

/** What the page shows, by the name in its address. */
export type Scene = keyof typeof scenes

const Shown = scenes[new URLSearchParams(location.search).get('scene') as Scene] // as the test wrote it
const root = document.querySelector('#root')
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <Shown />
    </StrictMode>,
  )
}
