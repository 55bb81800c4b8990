import { checkFolder } from './app-folder.ts'

/** Asks for the folder of the application; returns nothing where the question was given up. */
export async function askForFolder(): Promise<string | undefined> {
  const { cancel, intro, isCancel, text } = await import('@clack/prompts')
  intro('StreamDB')
  const answer = await text({
    message: 'Where shall the application be made?',
    placeholder: 'my-app',
    defaultValue: 'my-app',
    validate(value) {
      const folder = checkFolder(value || 'my-app')
      return folder.type === 'unusable' ? folder.message : undefined
    },
  })
  if (!isCancel(answer)) return answer
  cancel('Nothing was made.')
  return undefined
}
