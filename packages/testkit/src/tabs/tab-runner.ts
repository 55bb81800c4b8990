/** What the shared parts of a world know of a tab. */
export interface TabRunner {
  /** Runs something of the tab: now, when it thaws, or never. */
  readonly run: (something: () => void) => void
  /** Whether the next message to the tab is lost. */
  losesMessage(): boolean
}
