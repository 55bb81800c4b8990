/** What a narrow window shows; a wide one shows all of them side by side. */
export type Panel = 'sessions' | 'conversation' | 'notes'
