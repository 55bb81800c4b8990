/** Returns the header by which somebody says to an example's server who they are. */
export async function signIn(url: string, person = 'ada'): Promise<{ readonly authorization: string }> {
  const response = await fetch(`${url}/sign-in/${person}`, { method: 'POST' })
  // What `signInCommands` returns.
  const { token } = (await response.json()) as { token: string }
  return { authorization: `Bearer ${token}` }
}
