/** What the agent says to a message. */
export function answerTo(message: string): string {
  return Array.from({ length: 60 }, (_, index) => `${message}:${index}`).join(' ')
}
