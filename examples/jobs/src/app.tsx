import { Header } from './header.tsx'
import { JobPane } from './job-pane.tsx'
import { NewJobForm } from './new-job-form.tsx'
import { Statistics } from './statistics.tsx'
import { StatusBar } from './status-bar.tsx'
import { Trouble } from './trouble.tsx'
import { WorkerPanel } from './worker-panel.tsx'

/** The whole page. */
export function App() {
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
