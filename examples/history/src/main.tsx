import { Opening, renderPage } from '@streamdb/example-shared/page'
import { describe } from './description.ts'
import { HistoryPage } from './history-page.tsx'
import { openHistory } from './history.ts'

renderPage(
  <Opening title="Opening the history…" open={async () => openHistory(await describe())}>
    {(history) => <HistoryPage first={history} />}
  </Opening>,
)
