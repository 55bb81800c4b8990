// Checks the tarballs that would be published: publint reads the manifest, attw resolves the types.

import { hasModule, publicPackages, record, runBin } from './workspace.mjs'
import { withTarballs } from './pack.mjs'

const checks = {
  publint: (tarball) => runBin('publint', ['run', tarball, '--strict'], { quiet: true }),
  attw: (tarball) =>
    runBin('attw', [tarball, '--no-definitely-typed', '--format', 'ascii'], {
      quiet: true,
    }),
}

const ok = await withTarballs((packed) => {
  let good = packed.length > 0
  const commands = publicPackages().filter((pkg) => !hasModule(pkg))
  for (const { name, tarball } of packed) {
    for (const [check, passes] of Object.entries(checks)) {
      // Commands have no types.
      if (check === 'attw' && commands.some(({ manifest }) => manifest.name === name)) continue
      const passed = passes(tarball)
      process.stdout.write(`[F-real-42] ${check} ${name}: ${passed ? 'passed' : 'FAILED'}\n`)
      record(`[F-real-42] ${check} ${name}`, passed ? 1 : 0, passed ? 0 : 1)
      good &&= passed
    }
  }
  return good
})
if (!ok) process.exitCode = 1
