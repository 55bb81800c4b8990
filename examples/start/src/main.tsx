import { renderPage } from '@streamdb/example-shared/page'
import { StartPage } from './start-page.tsx'

renderPage(<StartPage />)
