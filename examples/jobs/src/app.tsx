import { useEffect } from 'react'
import { describe } from './description.ts'
import { Header } from './header.tsx'
import { JobPane } from './job-pane.tsx'
import { NewJobForm } from './new-job-form.tsx'
import { Statistics } from './statistics.tsx'
import { StatusBar } from './status-bar.tsx'
import { Trouble } from './trouble.tsx'
import { WorkerPanel } from './worker-panel.tsx'
import { useWorkplace } from './workplace.ts'

/** The whole page. */
export function App() {
  const { db, description } = useWorkplace()
  useEffect(
    () =>
      db.subscribeStatus((status) => {
        if (status.name !== 'failed' || status.error.code !== 'stream-not-found') return
        // The server has begun another stream: what is shown is in the address.
        describe().then(
          ({ stream }) => {
            if (stream !== description.stream) location.reload()
          },
          () => {}, // The status shows what is wrong.
        )
      }),
    [db, description],
  )
  return (
    <div className="page">
      <Header />
      <aside className="side" aria-label="Start jobs, and the workers">
        <NewJobForm />
        <WorkerPanel />
      </aside>
      <main className="main" aria-label="Jobs">
        <Trouble />
        <Statistics />
        <JobPane />
      </main>
      <StatusBar />
    </div>
  )
}
