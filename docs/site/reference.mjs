// Writes the reference of the API into `docs/.pages/api`, from the docstrings of what the packages export.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Application, Converter, ReflectionKind } from 'typedoc'
import { publicPackages } from '../../scripts/workspace.mjs'
import { pagesFolder } from './prepare.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Returns the name by which each entry point of the packages is imported, by its file: `@streamdb/session/react`. */
export function entryPoints() {
  return new Map(
    publicPackages().flatMap(({ path, manifest }) =>
      Object.entries(manifest.exports ?? {}).flatMap(([entry, target]) => {
        if (typeof target !== 'string' || !/\.tsx?$/.test(target)) return []
        return [[join(root, path, target), join(manifest.name, entry)]]
      }),
    ),
  )
}

/** Writes the reference, one page for each entry point. Throws where TypeDoc reports an error. */
export async function writeReference() {
  const names = entryPoints()
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    tsconfig: fileURLToPath(new URL('tsconfig.json', import.meta.url)),
    entryPoints: [...names.keys()],
    out: join(pagesFolder, 'api'),
    readme: 'none',
    // The project's own compiler checks the types; TypeDoc brings an older one.
    skipErrorChecking: true,
    disableSources: true,
    excludeExternals: true,
    excludeInternal: true,
    excludePrivate: true,
    hideBreadcrumbs: true,
    hidePageHeader: true,
    useCodeBlocks: true,
    outputFileStrategy: 'modules',
    entryFileName: 'index',
    logLevel: 'Error',
    // Options of typedoc-plugin-markdown, which TypeDoc's types do not know.
    ...{ parametersFormat: 'table', useHTMLAnchors: true },
  })
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return
    const file = context.getSymbolFromReflection(reflection)?.declarations?.[0]?.getSourceFile().fileName
    const name = names.get(file)
    if (name !== undefined) reflection.name = name
  })
  const project = await app.convert()
  if (project === undefined || app.logger.hasErrors()) throw new Error('TypeDoc could not read the packages')
  await app.generateOutputs(project)
}
