import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Small disks in memory for the nodes of an engine, which can be filled. Only root may mount them.
 * @typedef {object} SmallDisks
 * @property {string | undefined} reason Why there are none.
 * @property {(node: string) => boolean} fill
 * @property {(node: string) => void} free
 * @property {() => void} unmount
 */

/**
 * @param {Readonly<Record<string, string>>} folders By the name of the node; made where they are missing.
 * @param {string} size
 * @returns {SmallDisks}
 */
export function mountSmallDisks(folders, size) {
  /** @type {string[]} */
  const mounted = []
  const unmount = () => {
    for (const folder of mounted.splice(0)) spawnSync('umount', ['--lazy', folder])
  }
  for (const folder of Object.values(folders)) {
    mkdirSync(folder, { recursive: true })
    const { status, stderr, error } = spawnSync(
      'mount',
      ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder],
      {
        encoding: 'utf8',
      },
    )
    if (status !== 0) {
      unmount()
      return noDisks(`no small disk can be mounted: ${error?.message ?? stderr.trim()}`)
    }
    mounted.push(folder)
  }
  const ballast = (node) => join(folders[node] ?? '', 'ballast')
  return {
    reason: undefined,
    fill(node) {
      const { bavail, bsize } = statfsSync(folders[node] ?? '')
      return spawnSync('fallocate', ['-l', String(bavail * bsize), ballast(node)]).status === 0
    },
    free: (node) => rmSync(ballast(node), { force: true }),
    unmount,
  }
}

/**
 * @param {string} reason
 * @returns {SmallDisks}
 */
export function noDisks(reason) {
  return { reason, fill: () => false, free: () => undefined, unmount: () => undefined }
}
