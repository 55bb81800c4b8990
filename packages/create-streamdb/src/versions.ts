/** The parts of a manifest that name versions. */
export interface Manifest {
  name: string
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
}

/**
 * Returns the manifest of an application: that of the template with its name, and with the versions that this package was
 * made and tested with.
 */
export function toAppManifest(
  template: Manifest,
  name: string,
  versions: Readonly<Record<string, string>>,
): Manifest {
  const withVersions = (names: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(
      Object.keys(names).map((each) => {
        const version = versions[each]
        if (version === undefined) throw new Error(`create-streamdb knows no version of ${each}`)
        return [each, rangeOf(each, version)]
      }),
    )
  return {
    ...template,
    name,
    dependencies: withVersions(template.dependencies),
    devDependencies: withVersions(template.devDependencies),
  }
}

/** Newer patches are fine; of our own packages, which are released together, exactly one version. */
function rangeOf(name: string, version: string): string {
  const isOurs = name === 'streamdb' || name.startsWith('@streamdb/')
  return /^\d/.test(version) && !isOurs ? `~${version}` : version
}
