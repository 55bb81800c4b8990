import { Opening, renderPage } from '@streamdb/example-shared/page'
import { describe } from './description.ts'
import { HistoryPage } from './history-page.tsx'

renderPage(
  <Opening title="Opening the history…" open={describe}>
    {(description) => <HistoryPage description={description} />}
  </Opening>,
)
