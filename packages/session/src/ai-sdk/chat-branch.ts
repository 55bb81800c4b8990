import { mainBranch } from '../branches.ts'
import { SessionError } from '../errors.ts'
import { isOver } from '../run-states.ts'
import type { Run } from '../rows.ts'
import type { Session } from '../session.ts'
import type { MessageView } from '../thread.ts'
import { uiIdOf } from './message-chunks.ts'

/** The branch that a chat shows: its messages, by the ids that the chat has of them, and its runs. */
export class ChatBranch {
  /** The branch's id: another one when a message is edited, or answered again. */
  id: string
  readonly #session: Session
  /** By the id that the chat has, the message that stands for it since it was edited. */
  readonly #edited = new Map<string, string>()

  constructor(session: Session, id: string = mainBranch) {
    this.#session = session
    this.id = id
  }

  /** Returns the messages of the branch. */
  views(): readonly MessageView[] {
    return this.#session.thread({ branch: this.id })
  }

  /** Returns the message that the chat knows under an id. */
  viewOf(id: string): MessageView | undefined {
    const known = this.#session.message(this.#edited.get(id) ?? id)
    return known ?? this.views().find((view) => uiIdOf(view) === id)
  }

  /** Shows the branch in which `edited` stands for the message that the chat has under `id`. */
  showEdited(id: string, edited: string): void {
    this.#edited.set(id, edited)
    this.id = this.#session.collections.messages.get(edited)?.branch ?? this.id
  }

  /** Returns the runs of the branch, in the order of their messages. */
  runs(): readonly Run[] {
    return this.views()
      .map(({ message }) => (message.run === undefined ? undefined : this.#session.run(message.run)))
      .filter((run) => run !== undefined)
  }

  /** Returns the runs of the branch that have not ended. */
  activeRuns(): readonly Run[] {
    return this.runs().filter((run) => !isOver(run))
  }

  /** Returns the run that answers a message or a branch, in whichever branch it is. */
  runOf(trigger: string): Run | undefined {
    return [...this.#session.collections.runs.values()].find(({ triggers }) => triggers.includes(trigger))
  }

  /** Cancels a run; does nothing where it has ended meanwhile. */
  async cancel(run: Run): Promise<void> {
    try {
      await this.#session.cancel(run)
    } catch (error) {
      if (!(error instanceof SessionError && error.code === 'run-over')) throw error
    }
  }

  /** Cancels the run that answers something, also one that nobody has begun yet. */
  cancelAnswer(trigger: string): void {
    const find = (): boolean => {
      const run = this.runOf(trigger)
      if (run !== undefined) void this.cancel(run)
      return run !== undefined
    }
    if (find()) return
    const stop = this.#session.db.observe({
      onChanges: () => {
        if (find()) stop()
      },
    })
  }
}
